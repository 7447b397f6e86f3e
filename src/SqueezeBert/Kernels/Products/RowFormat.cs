namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The memory format of the elements of a row: float32, or an encoding for a product of lower precision. A product determines the format
/// that it needs (<see cref="PackedProduct.InputFormat"/>). The operation that makes the rows, such as a norm or another product, writes
/// them in this format while they are in the cache. A row is encoded in slices, one for each group of the layer that reads it, so that each
/// slice can have its own scale. Formats are compared by reference.
/// </summary>
internal abstract unsafe class RowFormat
{
    /// <summary>The format of plain float32 elements.</summary>
    public static RowFormat Float32 { get; } = new Float32Rows();

    /// <summary>Returns the number of bytes of a slice of that many elements, including its scale; at least 1.</summary>
    public abstract int ByteCount(int columns);

    /// <summary>Writes slices in this format.</summary>
    /// <param name="source">[rows, columns of the slice].</param>
    /// <param name="target">Receives the slices of the same number of rows.</param>
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

/// <summary>Rows, or slices of rows, in some <see cref="RowFormat"/>.</summary>
/// <param name="data">The first row.</param>
/// <param name="stride">The number of bytes from one row to the next.</param>
/// <param name="count">The number of rows.</param>
internal readonly unsafe struct EncodedRows(byte* data, nint stride, int count)
{
    public readonly byte* Data = data;
    public readonly nint Stride = stride;
    public readonly int Count = count;

    public byte* Row(int row) => Data + (row * Stride);

    public EncodedRows TakeRows(int first, int count) => new(Row(first), Stride, count);

    /// <summary>Returns the same rows, beginning at a byte offset in each.</summary>
    public EncodedRows Skip(nint bytes) => new(Data + bytes, Stride, Count);
}
