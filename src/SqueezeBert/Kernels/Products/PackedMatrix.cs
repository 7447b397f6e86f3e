using SqueezeBert.Memory;

namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The product with a matrix B [k, n] in float32, stored in panels of 16 to 64 columns. A panel contains its columns of row 0, then of row
/// 1 and so on, so that a kernel reads it once from front to back. The layout does not depend on the instruction set, and columns beyond n
/// are zeros. The memory is native and aligned to 64 bytes.
/// </summary>
internal sealed unsafe class PackedMatrix : PackedProduct, IDisposable
{
    /// <summary>The number of columns of a vector. The width of a panel is a multiple of it.</summary>
    public const int Lanes = PanelLayout.Lanes;

    private readonly PanelLayout _layout;
    private readonly NativeBuffer? _owned;
    private float* _data;

    /// <summary>Allocates a matrix of zeros with k rows and n columns.</summary>
    public PackedMatrix(int k, int n)
        : this(k, n, new NativeBuffer(SizeOf(k, n)))
    {
    }

    /// <summary>
    /// Creates a matrix of zeros with k rows and n columns in memory of the caller. The memory has <see cref="SizeOf"/> bytes of zeros, is
    /// aligned to 64 bytes, and must exist longer than the matrix.
    /// </summary>
    public PackedMatrix(int k, int n, float* memory)
        : base(k, n)
    {
        _layout = new PanelLayout(n);
        ByteCount = SizeOf(k, n);
        _data = memory;
    }

    private PackedMatrix(int k, int n, NativeBuffer memory)
        : this(k, n, memory.Floats) => _owned = memory;

    /// <summary>Bytes that a matrix takes.</summary>
    public static long SizeOf(int k, int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        return checked((long)new PanelLayout(n).PaddedColumns * k * sizeof(float));
    }

    public override int PanelCount => _layout.Count;

    public override RowFormat InputFormat => RowFormat.Float32;

    public override bool CanOverwriteResidual => Rows <= PanelProduct.MaxTerms;

    public override byte* Start => (byte*)Panel(0);

    public override nint StartByteCount => (nint)Math.Min(PanelProduct.MaxTerms, Rows) * _layout.Width(0) * sizeof(float);

    public long ByteCount { get; }

    /// <summary>The number of 16-column vectors of a panel.</summary>
    public int PanelVectors(int panel) => _layout.Width(panel) / Lanes;

    /// <summary>Returns the first column of a panel and the number of its columns without padding.</summary>
    public (int First, int Count) ColumnRange(int panel) => (_layout.FirstColumn(panel), _layout.Columns(panel));

    /// <summary>[k, 16·<see cref="PanelVectors"/>] row-major.</summary>
    public float* Panel(int panel)
    {
        ObjectDisposedException.ThrowIf(_data is null, this);
        return _data + (nint)_layout.FirstColumn(panel) * Rows;
    }

    public override void Multiply(EncodedRows input, int firstPanel, int panelCount, Matrix output, in Epilogue epilogue) =>
        MatrixMultiply.Packed(
            new((float*)input.Data, input.Stride / sizeof(float), input.Count, Rows), this, firstPanel, panelCount, output, epilogue);

    public override void Pack(float* source, nint kStride, nint nStride) => PackColumns(source, kStride, nStride, 0, PanelCount);

    /// <summary>
    /// Like <see cref="Pack"/>, for some panels only. <paramref name="source"/> is still column 0. Different panels may be packed at the
    /// same time.
    /// </summary>
    public void PackColumns(float* source, nint kStride, nint nStride, int firstPanel, int panelCount)
    {
        for (var panel = firstPanel; panel < firstPanel + panelCount; panel++)
        {
            (var first, var count) = ColumnRange(panel);
            Packing.PackPanel(source + (first * nStride), kStride, nStride, Rows, count, Panel(panel), PanelVectors(panel) * Lanes);
        }
    }

    public void Dispose()
    {
        _owned?.Dispose();
        _data = null;
    }
}
