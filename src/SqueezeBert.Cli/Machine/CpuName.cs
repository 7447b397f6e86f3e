using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Microsoft.Win32;

namespace SqueezeBert.Cli.Machine;

/// <summary>What the processor calls itself.</summary>
internal static partial class CpuName
{
    // The brand string: 48 bytes in the registers of three leaves.
    private const int FirstBrandLeaf = unchecked((int)0x80000002);
    private const int LastBrandLeaf = unchecked((int)0x80000004);

    /// <summary>"AMD EPYC 9V74 80-Core Processor", "Apple M2"; "unknown" where nobody tells.</summary>
    public static string Find()
    {
        var name = X86Base.IsSupported ? Brand()
            : OperatingSystem.IsLinux() ? FromProcFile("/proc/cpuinfo")
            : OperatingSystem.IsMacOS() ? FromSystemControl()
            : OperatingSystem.IsWindows()
            ? Registry.GetValue(@"HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0", "ProcessorNameString", null) as string
            : null;
        name = string.Join(' ', (name ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return name.Length > 0 ? name : "unknown";
    }

    private static string? Brand()
    {
        // The highest leaf that the processor knows.
        if ((uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < unchecked((uint)LastBrandLeaf)) return null;
        Span<int> registers = stackalloc int[12];
        for (var leaf = FirstBrandLeaf; leaf <= LastBrandLeaf; leaf++)
        {
            var (a, b, c, d) = X86Base.CpuId(leaf, 0);
            ((ReadOnlySpan<int>)[a, b, c, d]).CopyTo(registers[(4 * (leaf - FirstBrandLeaf))..]);
        }

        var bytes = MemoryMarshal.AsBytes(registers);
        var end = bytes.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]);
    }

    // ARM kernels tell the maker and part by number; some boards add a name.
    internal static string? FromProcFile(string path)
    {
        try
        {
            var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var line in File.ReadLines(path))
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon > 0) fields.TryAdd(line[..colon].Trim(), line[(colon + 1)..].Trim());
            }

            return fields.GetValueOrDefault("model name") ?? fields.GetValueOrDefault("Hardware")
                ?? (fields.TryGetValue("CPU part", out var part)
                    ? $"implementer {fields.GetValueOrDefault("CPU implementer")} part {part}" : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static unsafe string? FromSystemControl()
    {
        Span<byte> bytes = stackalloc byte[256];
        var length = (nuint)bytes.Length;
        fixed (byte* buffer = bytes)
        {
            return SystemControlByName("machdep.cpu.brand_string", buffer, ref length, null, 0) == 0 && length > 0
                ? Encoding.UTF8.GetString(bytes[..(int)length]).TrimEnd('\0')
                : null;
        }
    }

    [LibraryImport("libSystem", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int SystemControlByName(string name, byte* value, ref nuint length, void* newValue, nuint newLength);
}
