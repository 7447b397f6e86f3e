namespace SqueezeBert.Kernels.Products;

/// <summary>How the columns of a matrix are divided into panels of one to four vectors of 16.</summary>
internal readonly struct PanelLayout
{
    /// <summary>The number of columns of a vector. The width of a panel is a multiple of it.</summary>
    public const int Lanes = 16;

    /// <summary>The number of bytes of a column that stand together in a panel of bytes.</summary>
    public const int Quad = 4;

    /// <summary>The number of columns of the widest panel.</summary>
    public const int MaxWidth = 4 * Lanes;

    private readonly int _columns;
    private readonly int _narrowVectors;
    private readonly int _widePanels;

    public PanelLayout(int columns)
    {
        // Panels of 48 where they fit exactly (they allow tiles of 8 rows, the most regular), else as few panels as possible, equally wide
        // up to one vector.
        var vectors = (columns + Lanes - 1) / Lanes;
        _columns = columns;
        Count = vectors % 3 == 0 ? vectors / 3 : (vectors + 3) / 4;
        PaddedColumns = vectors * Lanes;
        _narrowVectors = vectors / Count;
        _widePanels = vectors % Count;
    }

    public int Count { get; }

    /// <summary>The sum of the widths of all panels.</summary>
    public int PaddedColumns { get; }

    /// <summary>Returns the number of columns of a panel, including padding columns.</summary>
    public int Width(int panel) => (panel < _widePanels ? _narrowVectors + 1 : _narrowVectors) * Lanes;

    public int FirstColumn(int panel) => ((panel * _narrowVectors) + Math.Min(panel, _widePanels)) * Lanes;

    /// <summary>Returns the number of columns of a panel without padding.</summary>
    public int Columns(int panel) => Math.Min(Width(panel), _columns - FirstColumn(panel));
}
