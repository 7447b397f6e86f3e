using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace SqueezeBert.Benchmarks.Kernels;

/// <summary>A column that puts a kernel's time in proportion to the measured FMA peak of a core.</summary>
/// <param name="name">Heading.</param>
/// <param name="legend">What it means.</param>
/// <param name="value">From the kernel, its mean seconds to the cell.</param>
internal sealed class PeakColumn(string name, string legend, Func<KernelCase, double, string> value) : IColumn
{
    public string Id => name;

    public string ColumnName => name;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => legend;

    public static IColumn[] All(double peak) =>
    [
        new PeakColumn("GFLOP/s", "Operations of its products over the mean time",
            (kernel, seconds) => kernel.Flops == 0 ? "" : Text(kernel.Flops / seconds / 1e9, "0")),
        new PeakColumn("Of peak", $"Share of the {Text(peak, "0")} GFLOP/s that a core reaches with fused multiply-adds alone",
            (kernel, seconds) =>
            kernel.Flops == 0 ? "" : Text(kernel.Flops / seconds / 1e9 / peak, "0.0%")),
        new PeakColumn("FMA/element",
            "Fused multiply-adds that the core could have done in that time, for each number that the kernel writes", (kernel, seconds) =>
            Text(seconds * peak * 1e9 / 2 / kernel.Elements, "0.0")),
    ];

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        var statistics = summary[benchmarkCase]?.ResultStatistics;
        return statistics is null ? "" : value((KernelCase)benchmarkCase.Parameters[nameof(KernelBenchmarks.Case)], statistics.Mean / 1e9);
    }

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
