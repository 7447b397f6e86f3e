namespace SqueezeBert.Benchmarks.Kernels;

/// <summary>A kernel with its sizes. Public, as BenchmarkDotNet asks for.</summary>
/// <param name="name">For the table.</param>
/// <param name="flops">Operations of its products; 0 where it has none.</param>
/// <param name="elements">float32 numbers that it writes.</param>
/// <param name="prepare">Makes the inputs; returns the call to be timed. The buffers live as long as the process.</param>
public sealed class KernelCase(string name, long flops, long elements, Func<Action> prepare)
{
    public long Flops => flops;

    public long Elements => elements;

    public Action Prepare() => prepare();

    public override string ToString() => name;
}
