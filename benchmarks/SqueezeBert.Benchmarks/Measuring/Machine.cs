using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using SqueezeBert.Kernels;

namespace SqueezeBert.Benchmarks.Measuring;

/// <summary>What stands above every table: the machine, the date and the command.</summary>
internal static class Machine
{
    public static void Describe(TextWriter output, IReadOnlyList<string> command, string program = "SqueezeBert.Benchmarks")
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Cpu()}, {Environment.ProcessorCount} cores for this process; {RuntimeInformation.OSDescription}; " +
                $"{RuntimeInformation.FrameworkDescription}; kernels {InstructionSets.Selected}; {DateTime.UtcNow:yyyy-MM-dd}"));
        output.WriteLine($"command: {program} {string.Join(' ', command)}");
        output.WriteLine();
    }

    /// <summary>
    /// The processor's own name, from its identification instruction or from Linux; only its architecture where neither tells.
    /// </summary>
    public static string Cpu()
    {
        if (X86Base.IsSupported && (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax >= 0x80000004) return Brand();
        const string File = "/proc/cpuinfo";
        var line = System.IO.File.Exists(File)
            ? System.IO.File.ReadLines(File).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)
                || line.StartsWith("Model", StringComparison.Ordinal))
            : null;
        return line is null ? $"{RuntimeInformation.ProcessArchitecture} processor" : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string Brand()
    {
        var name = new StringBuilder();
        Span<byte> bytes = stackalloc byte[16];
        for (var leaf = 0x80000002; leaf <= 0x80000004; leaf++)
        {
            var (eax, ebx, ecx, edx) = X86Base.CpuId(unchecked((int)leaf), 0);
            MemoryMarshal.Cast<byte, int>(bytes)[0] = eax;
            MemoryMarshal.Cast<byte, int>(bytes)[1] = ebx;
            MemoryMarshal.Cast<byte, int>(bytes)[2] = ecx;
            MemoryMarshal.Cast<byte, int>(bytes)[3] = edx;
            name.Append(Encoding.ASCII.GetString(bytes));
        }

        return name.ToString().TrimEnd('\0').Trim();
    }
}
