using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Measuring;

namespace SqueezeBert.Benchmarks.Kernels;

/// <summary>Each kernel alone, by BenchmarkDotNet, as a share of the FMA peak that is measured just before.</summary>
internal static class KernelBenchmark
{
    public const string Usage = "[--rows 8,64,128] [--short]";

    private const int NameWidth = 60;

    public static void Run(Arguments arguments, TextWriter output)
    {
        Machine.Describe(output, arguments.All);
        KernelBenchmarks.SelectedRows = arguments.Integers("--rows", [8, 64, 128]);
        var job = (arguments.Has("--short") ? Job.Dry : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance);
        var configuration = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddColumnProvider(DefaultColumnProviders.Params, DefaultColumnProviders.Statistics)
            .AddColumn(PeakColumn.All(Enumerable.Range(0, 5).Max(_ => MachinePeak.FmaGflops())))
            .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(NameWidth))
            .WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared))
            .AddExporter(MarkdownExporter.GitHub)
            .AddLogger(ConsoleLogger.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "squeezebert-kernels"));
        BenchmarkRunner.Run<KernelBenchmarks>(configuration);
    }
}
