namespace SqueezeBert.Kernels.Products;

/// <summary>A precision of weights: makes the products of a model's linear layers. Thread-safe.</summary>
internal abstract unsafe class WeightFormat
{
    public static WeightFormat Float32 { get; } = new Float32Weights();

    /// <summary>Terms of a sum at most.</summary>
    public virtual int MaxTerms => int.MaxValue;

    /// <summary>Bytes that a packed [k, n] takes.</summary>
    public abstract long SizeOf(int k, int n);

    /// <summary>
    /// A product with [k, n] in <see cref="SizeOf"/> bytes of zeros, which are aligned to a cache line and live longer than it.
    /// </summary>
    public abstract PackedProduct Create(int k, int n, byte* memory);

    private sealed class Float32Weights : WeightFormat
    {
        public override long SizeOf(int k, int n) => PackedMatrix.SizeOf(k, n);

        public override PackedProduct Create(int k, int n, byte* memory) => new PackedMatrix(k, n, (float*)memory);
    }
}
