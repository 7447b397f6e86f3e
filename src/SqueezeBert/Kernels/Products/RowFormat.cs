namespace SqueezeBert.Kernels.Products;

/// <summary>
/// How the elements of a row lie in memory: as float32, or encoded for a product of lower precision. A product says which format it takes
/// (<see cref="PackedProduct.InputFormat"/>), and who makes the rows, a norm or another product, writes them in it while they are in the
/// cache. A row is encoded in slices, one for each group of the layer that reads it, so that each slice can have a scale of its own.
/// Formats are compared by reference.
/// </summary>
internal abstract unsafe class RowFormat
{
    /// <summary>The elements as they are.</summary>
    public static RowFormat Float32 { get; } = new Float32Rows();

    /// <summary>Bytes of a slice of that many elements, with all that belongs to it (a scale); at least 1.</summary>
    public abstract int ByteCount(int columns);

    /// <summary>Writes slices in this format.</summary>
    /// <param name="source">[rows, columns of the slice].</param>
    /// <param name="target">The slices of as many rows.</param>
    public abstract void Encode(Matrix source, EncodedRows target);

    private sealed class Float32Rows : RowFormat
    {
        public override int ByteCount(int columns) => columns * sizeof(float);

        public override void Encode(Matrix source, EncodedRows target)
        {
            for (var row = 0; row < source.Rows; row++)
                new ReadOnlySpan<float>(source.Row(row), source.Columns).CopyTo(new Span<float>(target.Row(row), source.Columns));
        }
    }
}

/// <summary>Rows, or slices of them, in some <see cref="RowFormat"/>.</summary>
/// <param name="data">The first row.</param>
/// <param name="stride">Bytes from a row to the next.</param>
/// <param name="count">The number of rows.</param>
internal readonly unsafe struct EncodedRows(byte* data, nint stride, int count)
{
    public readonly byte* Data = data;
    public readonly nint Stride = stride;
    public readonly int Count = count;

    public byte* Row(int row) => Data + (row * Stride);

    public EncodedRows TakeRows(int first, int count) => new(Row(first), Stride, count);

    /// <summary>The same rows from a byte of each on.</summary>
    public EncodedRows Skip(nint bytes) => new(Data + bytes, Stride, Count);
}
