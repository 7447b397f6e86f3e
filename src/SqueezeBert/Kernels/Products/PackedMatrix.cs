namespace SqueezeBert.Kernels.Products;

/// <summary>
/// The right-hand matrix B [k, n] of a product, stored in panels of 16 to 64 columns: a panel holds its columns of row 0, then of row 1 and
/// so on, so that a kernel reads it once from front to back. The layout does not depend on the instruction set; columns beyond n are zeros.
/// The memory is native and aligned to 64 bytes.
/// </summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    /// <summary>Columns come in units of this many.</summary>
    public const int Lanes = PanelLayout.Lanes;

    private readonly PanelLayout _layout;
    private readonly bool _ownsData;
    private float* _data;

    /// <summary>Allocates a matrix of zeros with k rows and n columns.</summary>
    public PackedMatrix(int k, int n)
        : this(k, n, ZeroedMemory.Allocate(SizeOf(k, n))) => _ownsData = true;

    /// <summary>
    /// A matrix of zeros with k rows and n columns in memory of the caller's: <see cref="SizeOf"/> bytes of zeros, aligned to 64, that live
    /// longer.
    /// </summary>
    public PackedMatrix(int k, int n, float* memory)
    {
        Rows = k;
        Columns = n;
        _layout = new PanelLayout(n);
        ByteCount = SizeOf(k, n);
        _data = memory;
    }

    ~PackedMatrix() => Free();

    /// <summary>Bytes that a matrix takes.</summary>
    public static nuint SizeOf(int k, int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        return (nuint)new PanelLayout(n).PaddedColumns * (nuint)k * sizeof(float);
    }

    /// <summary>k, the length of the sums.</summary>
    public int Rows { get; }

    /// <summary>n, the number of outputs.</summary>
    public int Columns { get; }

    public int PanelCount => _layout.Count;

    /// <summary>
    /// The matrix that is usually needed after this one, fetched into the cache meanwhile; it must live as long as this one.
    /// </summary>
    public PackedMatrix? Next { get; set; }

    public nuint ByteCount { get; }

    /// <summary>The number of 16-column vectors of a panel.</summary>
    public int PanelVectors(int panel) => _layout.Width(panel) / Lanes;

    /// <summary>The first column of a panel and the number of its columns that exist.</summary>
    public (int First, int Count) ColumnRange(int panel) => (_layout.FirstColumn(panel), _layout.Columns(panel));

    /// <summary>[k, 16·<see cref="PanelVectors"/>] row-major.</summary>
    public float* Panel(int panel)
    {
        ObjectDisposedException.ThrowIf(_data is null, this);
        return _data + (nint)_layout.FirstColumn(panel) * Rows;
    }

    /// <summary>Copies B, B[i][j] = source[i·kStride + j·nStride], over what was packed before.</summary>
    public void Pack(float* source, nint kStride, nint nStride) => PackColumns(source, kStride, nStride, 0, PanelCount);

    /// <summary>
    /// As <see cref="Pack"/> for some panels only; <paramref name="source"/> is still column 0. Different panels may be packed at the same
    /// time.
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
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_ownsData) ZeroedMemory.Free(_data);
        _data = null;
    }
}
