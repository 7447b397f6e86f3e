namespace SqueezeBert.Kernels.Products;

/// <summary>How the columns of a matrix are divided into panels of one to four vectors of 16.</summary>
internal readonly struct PanelLayout
{
    /// <summary>Columns come in units of this many.</summary>
    public const int Lanes = 16;

    /// <summary>Columns of the widest panel.</summary>
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

    /// <summary>The widths of all panels together.</summary>
    public int PaddedColumns { get; }

    /// <summary>The columns of a panel, with those that do not exist.</summary>
    public int Width(int panel) => (panel < _widePanels ? _narrowVectors + 1 : _narrowVectors) * Lanes;

    public int FirstColumn(int panel) => ((panel * _narrowVectors) + Math.Min(panel, _widePanels)) * Lanes;

    /// <summary>The columns of a panel that exist.</summary>
    public int Columns(int panel) => Math.Min(Width(panel), _columns - FirstColumn(panel));
}
