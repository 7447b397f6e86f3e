using BenchmarkDotNet.Attributes;

namespace SqueezeBert.Benchmarks.Kernels;

/// <summary>One kernel on one core; BenchmarkDotNet chooses how often it is called.</summary>
public class KernelBenchmarks
{
    private Action _call = () => { };

    [ParamsSource(nameof(Cases))]
    public KernelCase Case { get; set; } = null!;

    public static IEnumerable<KernelCase> Cases => SelectedRows.SelectMany(KernelCases.Of);

    /// <summary>Rows of a block, set by the command line before the run.</summary>
    internal static IReadOnlyList<int> SelectedRows { get; set; } = [8, 64, 128];

    [GlobalSetup]
    public void Prepare() => _call = Case.Prepare();

    [Benchmark]
    public void Call() => _call();
}
