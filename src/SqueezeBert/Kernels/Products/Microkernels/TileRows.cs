namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>
/// Divides rows into as few tiles as possible, whose heights differ by at most one, the higher ones first (17 rows in tiles of up to 8: 6 +
/// 6 + 5). The tiles are grouped into blocks of at most <paramref name="blockRows"/> rows, with at least one tile each.
/// </summary>
internal readonly struct TileRows(int rows, int maximumHeight, int blockRows)
{
    /// <summary>The number of tiles.</summary>
    public int TileCount { get; } = DivideUp(rows, maximumHeight);

    /// <summary>The number of blocks.</summary>
    public int BlockCount { get; } = DivideUp(DivideUp(rows, maximumHeight), Math.Max(1, blockRows / maximumHeight));

    /// <summary>The height of the lower tiles.</summary>
    public int Height => TileCount == 0 ? 0 : rows / TileCount;

    /// <summary>The number of tiles that are one row higher.</summary>
    public int Higher => TileCount == 0 ? 0 : rows % TileCount;

    /// <summary>The first row of a block and the number of its rows.</summary>
    public (int First, int Count) Block(int block)
    {
        var first = Start(block);
        return (first, Start(block + 1) - first);
    }

    private int Start(int block)
    {
        var tile = (block * (TileCount / BlockCount)) + Math.Min(block, TileCount % BlockCount);
        return (tile * Height) + Math.Min(tile, Higher);
    }

    private static int DivideUp(int x, int y) => (x + y - 1) / y;
}
