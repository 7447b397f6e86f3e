namespace SqueezeBert.Kernels.Products;

/// <summary>A number format of weights, which creates the products of a model's linear layers. Thread-safe.</summary>
internal abstract unsafe class WeightFormat
{
    public static WeightFormat Float32 { get; } = new Float32Weights();

    /// <summary>The largest number of terms of a sum.</summary>
    public virtual int MaxTerms => int.MaxValue;

    /// <summary>Returns the number of bytes of a packed matrix [k, n].</summary>
    public abstract long SizeOf(int k, int n);

    /// <summary>
    /// Creates a product with a matrix [k, n] in <see cref="SizeOf"/> bytes of zeros. The memory must be aligned to a cache line and exist
    /// longer than the product.
    /// </summary>
    public abstract PackedProduct Create(int k, int n, byte* memory);

    private sealed class Float32Weights : WeightFormat
    {
        public override long SizeOf(int k, int n) => PackedMatrix.SizeOf(k, n);

        public override PackedProduct Create(int k, int n, byte* memory) => new PackedMatrix(k, n, (float*)memory);
    }
}
