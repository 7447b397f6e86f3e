namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>
/// Weights and rows in int8, both symmetric in [-127, 127], with one scale for each output of a matrix and one for each slice of a row.
/// Sums are exact integers, so all instruction sets give the same bits.
/// </summary>
internal sealed unsafe class Int8Weights : WeightFormat
{
    private Int8Weights()
    {
    }

    public static Int8Weights Format { get; } = new();

    private static Int8Layout Layout => Int8Forms.LayoutOf(Int8Forms.Selected);

    public override int MaxTerms => Int8Matrix.MaxTerms;

    public override long SizeOf(int k, int n) => Int8Matrix.SizeOf(k, n, Layout);

    public override PackedProduct Create(int k, int n, byte* memory) => new Int8Matrix(k, n, memory, Layout);
}
