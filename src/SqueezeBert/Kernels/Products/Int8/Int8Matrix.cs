using SqueezeBert.Memory;

namespace SqueezeBert.Kernels.Products.Int8;

/// <summary>
/// The product with a matrix B [k, n] in int8, stored in the panels of <see cref="PanelLayout"/>, with zeros beyond k and n. In
/// <see cref="Int8Layout.Bytes"/>, a panel contains four bytes of each column for rows 0 to 3, then for rows 4 to 7 and so on. In
/// <see cref="Int8Layout.Words"/>, it contains strips of 16 columns, one after the other: for rows 0 to 3 the words of rows 0 and 2 of each
/// column, then those of rows 1 and 3, then the same for rows 4 to 7 and so on. The panels are followed by two arrays over the columns. The
/// first is the start value of sums. For bytes it is -128 times the sum of the column, for rows that are 128 too large. For words it is
/// minus the sum of the products of the column's pairs. The second array is the scale of each column.
/// </summary>
internal sealed unsafe class Int8Matrix : PackedProduct
{
    /// <summary>
    /// The largest number of terms of a sum: the number of products of bytes that fit into an int. Weights that other programs have rounded
    /// may be -128.
    /// </summary>
    public const int MaxTerms = int.MaxValue / (Int8Rows.Limit * Int8Rows.Bias);

    /// <summary>The number of columns of a strip of words.</summary>
    public const int StripColumns = PanelLayout.Lanes;

    private const uint Signs = 0x80808080;

    private readonly PanelLayout _layout;
    private readonly byte* _data;

    /// <param name="k">1 to <see cref="MaxTerms"/>.</param>
    /// <param name="n">The number of columns, at least 1.</param>
    /// <param name="memory"><see cref="SizeOf"/> bytes of zeros, aligned to 64.</param>
    /// <param name="layout">The layout that the implementation needs by which it is multiplied.</param>
    public Int8Matrix(int k, int n, byte* memory, Int8Layout layout)
        : base(k, n)
    {
        _layout = new PanelLayout(n);
        _data = memory;
        Layout = layout;
        PaddedRows = Int8Rows.PaddedColumns(k);
        ColumnBytes = PaddedRows * BytesOf(layout);
        Starts = (int*)(memory + ((nint)_layout.PaddedColumns * ColumnBytes));
        Scales = (float*)(Starts + _layout.PaddedColumns);
    }

    /// <summary>Bytes that a matrix takes.</summary>
    public static long SizeOf(int k, int n, Int8Layout layout)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MaxTerms);
        return checked(
            (long)new PanelLayout(n).PaddedColumns * ((Int8Rows.PaddedColumns(k) * BytesOf(layout)) + sizeof(int) + sizeof(float)));
    }

    public override int PanelCount => _layout.Count;

    public override RowFormat InputFormat => Layout == Int8Layout.Words ? Int8WordRows.Format : Int8Rows.Format;

    public override bool CanOverwriteResidual => true;

    public override bool TakesIntegers => true;

    public override byte* Start => Panel(0);

    public override nint StartByteCount => (nint)_layout.Width(0) * ColumnBytes;

    /// <summary>The number of rows k, rounded up to a multiple of four.</summary>
    public int PaddedRows { get; }

    /// <summary>How the panels are stored.</summary>
    public Int8Layout Layout { get; }

    /// <summary>The number of bytes of the elements of a column, and of those of a row that is multiplied, before its scale.</summary>
    public int ColumnBytes { get; }

    /// <summary>The start value of the sums of each column.</summary>
    public int* Starts { get; }

    /// <summary>The scale of each column.</summary>
    public float* Scales { get; }

    /// <summary>Returns the number of columns of a panel, including padding columns.</summary>
    public int PanelWidth(int panel) => _layout.Width(panel);

    /// <summary>Returns the first column of a panel and the number of its columns without padding.</summary>
    public (int First, int Count) ColumnRange(int panel) => (_layout.FirstColumn(panel), _layout.Columns(panel));

    /// <summary>
    /// [<see cref="PaddedRows"/> / 4, <see cref="PanelWidth"/>, 4] bytes, or [<see cref="PanelWidth"/> / 16, <see cref="PaddedRows"/> / 4,
    /// 2, 16, 2] words.
    /// </summary>
    public byte* Panel(int panel) => _data + ((nint)_layout.FirstColumn(panel) * ColumnBytes);

    public override void Multiply(EncodedRows input, int firstPanel, int panelCount, Matrix output, in Epilogue epilogue) =>
        Int8Product.Run(InstructionSets.Selected, Int8Forms.Selected, input, this, firstPanel, panelCount, output, epilogue);

    /// <summary>Rounds each column like a row of activations.</summary>
    public override void Pack(float* source, nint kStride, nint nStride)
    {
        using NativeBuffer column = new(NativeBuffer.BytesOf(Rows)), encoded = new(Int8Rows.Format.ByteCount(Rows));
        for (var panel = 0; panel < PanelCount; panel++)
        {
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
                PackColumn(encoded.Pointer, panel, j);
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
                PackColumn(encoded.Pointer, panel, j);
            }
        }
    }

    /// <param name="encoded">The column, as a row of activations is encoded.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="j">The column within the panel.</param>
    private void PackColumn(byte* encoded, int panel, int j)
    {
        var column = _layout.FirstColumn(panel) + j;
        Starts[column] = Layout == Int8Layout.Words
            ? PackWords(encoded, (uint*)Panel(panel) + ((nint)(j / StripColumns) * StripColumns * PaddedRows / 2) + (j % StripColumns))
            : PackBytes(encoded, (uint*)Panel(panel) + j, _layout.Width(panel));
        Scales[column] = *(float*)(encoded + PaddedRows);
    }

    private int PackBytes(byte* encoded, uint* target, int width)
    {
        var sum = 0;
        for (var i = 0; i < PaddedRows; i++)
            sum += encoded[i] - Int8Rows.Bias;
        for (var i = 0; i < PaddedRows; i += Int8Rows.Quad)
        {
            *target = *(uint*)(encoded + i) ^ Signs;
            target += width;
        }

        return unchecked(-Int8Rows.Bias * sum);
    }

    private int PackWords(byte* encoded, uint* target)
    {
        var sum = 0;
        for (var i = 0; i < PaddedRows; i += Int8Rows.Quad)
        {
            var quad = *(uint*)(encoded + i) ^ Signs;
            int w0 = (sbyte)quad, w1 = (sbyte)(quad >> 8), w2 = (sbyte)(quad >> 16), w3 = (sbyte)(quad >> 24);
            target[0] = Pair(w0, w2);
            target[StripColumns] = Pair(w1, w3);
            sum += (w0 * w1) + (w2 * w3);
            target += 2 * StripColumns;
        }

        return -sum;
    }

    private static uint Pair(int low, int high) => (ushort)low | ((uint)high << 16);

    private static int BytesOf(Int8Layout layout) => layout == Int8Layout.Words ? sizeof(short) : sizeof(byte);
}
