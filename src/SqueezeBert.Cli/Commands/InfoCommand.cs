using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Machine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Kernels;
using SqueezeBert.Threading;

namespace SqueezeBert.Cli.Commands;

/// <summary>What this machine runs models with.</summary>
internal sealed class InfoCommand : ToolCommand
{
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object.");

    public InfoCommand()
        : base("info", "Shows the version, the CPU, the chosen kernels and the number of threads.") => Add(_json);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert info",
        "squeezebert info --json",
        $"{InstructionSets.Variable}=avx2 squeezebert info  # the same bits with AVX2 instead of AVX-512",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var quota = CpuQuota.Find();
        var facts = new JsonObject
        {
            ["version"] = typeof(InfoCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            ["cpu"] = CpuName.Find(),
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            ["instruction_sets"] = new JsonArray([.. InstructionSets.Available.Select(set => JsonValue.Create(NameOf(set)))]),
            ["kernels"] = NameOf(InstructionSets.Selected),
            ["fused_multiply_add"] = InstructionSets.HasFusedMultiplyAdd,
            ["threads"] = WorkerPool.DefaultThreadCount,
            ["cpu_quota"] = quota,
            ["memory_bytes"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            ["system"] = RuntimeInformation.OSDescription,
            ["runtime"] = RuntimeInformation.FrameworkDescription,
        };
        if (arguments.GetValue(_json))
        {
            console.WriteJson(facts);
            return ExitCode.Success;
        }

        var table = new TextTable("", "");
        foreach (var (name, value) in facts) table.Add(name == "memory_bytes" ? "memory" : name.Replace('_', ' '), Text(name, value));
        table.Write(console.Output, header: false);
        return ExitCode.Success;
    }

    private static string Text(string name, JsonNode? value) => name switch
    {
        "instruction_sets" => string.Join(", ", value!.AsArray()),
        "fused_multiply_add" => value!.GetValue<bool>() ? "yes" : "no: results have other bits than on CPUs that have it",
        "cpu_quota" => value is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{value.GetValue<double>():0.##} cores"),
        "memory_bytes" => string.Create(CultureInfo.InvariantCulture, $"{value!.GetValue<long>() / 1e9:F1} GB"),
        _ => value!.ToString(),
    };

    private static string NameOf(InstructionSet set) => set.ToString().ToLowerInvariant();
}
