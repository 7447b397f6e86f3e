using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using SqueezeBert.Kernels;
using SqueezeBert.Threading;

namespace SqueezeBert.Cli.Commands;

/// <summary>What this machine runs models with.</summary>
internal sealed class InfoCommand() : ToolCommand("info", "Shows the CPU, the chosen kernels and the number of threads.")
{
    public override IReadOnlyList<string> Examples => ["squeezebert info"];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var written = console.Output;
        Write("system", RuntimeInformation.OSDescription);
        Write("runtime", RuntimeInformation.FrameworkDescription);
        Write("architecture", RuntimeInformation.ProcessArchitecture.ToString());
        Write("instruction sets", string.Join(", ", InstructionSets.Available));
        Write("chosen", InstructionSets.Selected.ToString());
        Write("fused multiply-add", InstructionSets.HasFusedMultiplyAdd ? "yes" : "no: results have other bits than on CPUs that have it");
        Write("threads", WorkerPool.DefaultThreadCount.ToString(CultureInfo.InvariantCulture));
        return Tool.Success;

        void Write(string name, string value) => written.WriteLine($"{name + ":",-20}{value}");
    }
}
