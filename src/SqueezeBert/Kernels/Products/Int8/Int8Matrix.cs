using SqueezeBert.Memory;

namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>
/// The product with a matrix B [k, n] in int8, stored in the panels of <see cref="PanelLayout"/>. A panel contains four bytes of each
/// column for rows 0 to 3, then for rows 4 to 7 and so on, with zeros beyond k and n. The panels are followed by two arrays over the
/// columns. The first is -128 times the sum of the bytes of each column, which is the start value of sums whose rows are 128 too large. The
/// second is the scale of each column.
/// </summary>
internal sealed unsafe class Int8Matrix : PackedProduct
{
    /// <summary>
    /// The largest number of terms of a sum: the number of products of bytes that fit into an int. Weights that other programs have rounded
    /// may be -128.
    /// </summary>
    public const int MaxTerms = int.MaxValue / (Int8Rows.Limit * Int8Rows.Bias);

    private readonly PanelLayout _layout;
    private readonly byte* _data;

    /// <param name="k">1 to <see cref="MaxTerms"/>.</param>
    /// <param name="n">The number of columns, at least 1.</param>
    /// <param name="memory"><see cref="SizeOf"/> bytes of zeros, aligned to 64.</param>
    public Int8Matrix(int k, int n, byte* memory)
        : base(k, n)
    {
        _layout = new PanelLayout(n);
        _data = memory;
        PaddedRows = Int8Rows.PaddedColumns(k);
        Starts = (int*)(memory + ((nint)_layout.PaddedColumns * PaddedRows));
        Scales = (float*)(Starts + _layout.PaddedColumns);
    }

    /// <summary>Bytes that a matrix takes.</summary>
    public static long SizeOf(int k, int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MaxTerms);
        return checked((long)new PanelLayout(n).PaddedColumns * (Int8Rows.PaddedColumns(k) + sizeof(int) + sizeof(float)));
    }

    public override int PanelCount => _layout.Count;

    public override RowFormat InputFormat => Int8Rows.Format;

    public override bool CanOverwriteResidual => true;

    public override bool TakesIntegers => true;

    public override byte* Start => Panel(0);

    public override nint StartByteCount => (nint)_layout.Width(0) * PaddedRows;

    /// <summary>The number of rows k, rounded up to a multiple of four.</summary>
    public int PaddedRows { get; }

    /// <summary>The start value of the sums of each column, for rows that are 128 too large.</summary>
    public int* Starts { get; }

    /// <summary>The scale of each column.</summary>
    public float* Scales { get; }

    /// <summary>Returns the number of columns of a panel, including padding columns.</summary>
    public int PanelWidth(int panel) => _layout.Width(panel);

    /// <summary>Returns the first column of a panel and the number of its columns without padding.</summary>
    public (int First, int Count) ColumnRange(int panel) => (_layout.FirstColumn(panel), _layout.Columns(panel));

    /// <summary>[<see cref="PaddedRows"/> / 4, <see cref="PanelWidth"/>, 4].</summary>
    public byte* Panel(int panel) => _data + ((nint)_layout.FirstColumn(panel) * PaddedRows);

    public override void Multiply(EncodedRows input, int firstPanel, int panelCount, Matrix output, in Epilogue epilogue) =>
        Int8Product.Run(InstructionSets.Selected, Int8Forms.Selected, input, this, firstPanel, panelCount, output, epilogue);

    /// <summary>Rounds each column like a row of activations.</summary>
    public override void Pack(float* source, nint kStride, nint nStride)
    {
        using NativeBuffer column = new(NativeBuffer.BytesOf(Rows)), encoded = new(Int8Rows.Format.ByteCount(Rows));
        for (var panel = 0; panel < PanelCount; panel++)
        {
            var width = _layout.Width(panel);
            (var first, var count) = ColumnRange(panel);
            for (var j = 0; j < count; j++)
            {
                var values = source + ((first + j) * nStride);
                if (kStride != 1)
                {
                    for (var i = 0; i < Rows; i++)
                        column.Floats[i] = values[i * kStride];
                    values = column.Floats;
                }

                Int8Rows.Format.Encode(new Matrix(values, 1, Rows), new EncodedRows(encoded.Pointer, PaddedRows, 1));
                PackColumn(encoded.Pointer, (uint*)Panel(panel) + j, width, first + j);
            }
        }
    }

    public override void PackIntegers(sbyte* columns, nint stride, float* scales)
    {
        // A row of bytes and its scale, as rows of activations are encoded.
        using NativeBuffer encoded = new(Int8Rows.Format.ByteCount(Rows));
        for (var panel = 0; panel < PanelCount; panel++)
        {
            (var first, var count) = ColumnRange(panel);
            for (var j = 0; j < count; j++)
            {
                var values = columns + ((first + j) * stride);
                for (var i = 0; i < PaddedRows; i++)
                    encoded.Pointer[i] = (byte)(Int8Rows.Bias + (i < Rows ? values[i] : 0));
                *(float*)(encoded.Pointer + PaddedRows) = scales[first + j];
                PackColumn(encoded.Pointer, (uint*)Panel(panel) + j, _layout.Width(panel), first + j);
            }
        }
    }

    private void PackColumn(byte* encoded, uint* target, int width, int column)
    {
        const uint Signs = 0x80808080;
        var sum = 0;
        for (var i = 0; i < PaddedRows; i++)
            sum += encoded[i] - Int8Rows.Bias;
        for (var i = 0; i < PaddedRows; i += Int8Rows.Quad)
        {
            *target = *(uint*)(encoded + i) ^ Signs;
            target += width;
        }

        Starts[column] = unchecked(-Int8Rows.Bias * sum);
        Scales[column] = *(float*)(encoded + PaddedRows);
    }
}
