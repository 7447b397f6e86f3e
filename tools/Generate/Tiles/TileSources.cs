namespace SqueezeBert.Generate.Tiles;

/// <summary>The microkernels of matrix products, one file for each width of a tile.</summary>
internal static class TileSources
{
    /// <summary>The word on the command line.</summary>
    internal const string Kind = "tiles";

    /// <summary>The folder of the files, from the root of the repository.</summary>
    internal const string Folder = "src/SqueezeBert/Kernels/Products/Microkernels";

    /// <summary>The namespace of the microkernels.</summary>
    internal const string Namespace = "SqueezeBert.Kernels.Products.Microkernels";

    /// <summary>
    /// Vectors in a row of a tile and the rows of the highest one. AVX-512 and NEON have 32 vector registers: up to 24 hold sums, the
    /// others a row of b and an element of a.
    /// </summary>
    private static readonly (int Vectors, int Rows)[] Shapes = [(1, 12), (2, 12), (3, 8), (4, 6)];

    /// <summary>
    /// The same for products of bytes: AVX-VNNI and 128 bits by words, ARM's SDOT.
    /// </summary>
    private static readonly (int Vectors, int Rows)[] ByteShapes = [(2, 6), (4, 6)];

    /// <summary>The same for products of words: AVX-512 and AVX2.</summary>
    private static readonly (int Vectors, int Rows)[] WordShapes = [(1, 8), (2, 5)];

    /// <summary>A file for each shape.</summary>
    internal static IReadOnlyList<GeneratedFile> Generate() =>
    [
        .. Shapes.Select(shape => new TileSource(shape.Vectors, shape.Rows).Write()),
        .. ByteShapes.Select(shape => new ByteTileSource(shape.Vectors, shape.Rows).Write()),
        .. WordShapes.Select(shape => new WordTileSource(shape.Vectors, shape.Rows).Write()),
    ];
}
