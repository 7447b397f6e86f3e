using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>Runs tiles of <see cref="Int8Layout.Words"/>.</summary>
internal static unsafe class WordTiles
{
    /// <summary>Strips of 16 columns from left to right, whose weights follow each other in memory.</summary>
    public static void Run<TSimd, TVector>(ByteTileArguments* arguments, int width, int rows)
        where TSimd : struct, IWordSimd<TVector>
        where TVector : struct
    {
        var tile = TSimd.Count == PanelLayout.Lanes ? Select1<TSimd, TVector>(rows) : Select2<TSimd, TVector>(rows);
        var t = *arguments;

        // Each strip prefetches its share, so that a step is seldom longer than a cache line.
        var strips = width / PanelLayout.Lanes;
        t.PrefetchStep = (t.PrefetchStep + strips - 1) / strips;
        for (var column = 0; column < width; column += PanelLayout.Lanes)
        {
            tile(&t);
            t.B += t.Quads * (PanelLayout.Lanes * PanelLayout.Quad * sizeof(short));
            t.C += PanelLayout.Lanes;
            t.Starts += PanelLayout.Lanes;
            t.Prefetch += t.Quads * t.PrefetchStep;
        }
    }

    private static delegate*<ByteTileArguments*, void> Select1<TSimd, TVector>(int rows)
        where TSimd : struct, IWordSimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &WordTile1<TSimd, TVector, Rows1>.Run,
            2 => &WordTile1<TSimd, TVector, Rows2>.Run,
            3 => &WordTile1<TSimd, TVector, Rows3>.Run,
            4 => &WordTile1<TSimd, TVector, Rows4>.Run,
            5 => &WordTile1<TSimd, TVector, Rows5>.Run,
            6 => &WordTile1<TSimd, TVector, Rows6>.Run,
            7 => &WordTile1<TSimd, TVector, Rows7>.Run,
            _ => &WordTile1<TSimd, TVector, Rows8>.Run,
        };

    private static delegate*<ByteTileArguments*, void> Select2<TSimd, TVector>(int rows)
        where TSimd : struct, IWordSimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &WordTile2<TSimd, TVector, Rows1>.Run,
            2 => &WordTile2<TSimd, TVector, Rows2>.Run,
            3 => &WordTile2<TSimd, TVector, Rows3>.Run,
            4 => &WordTile2<TSimd, TVector, Rows4>.Run,
            _ => &WordTile2<TSimd, TVector, Rows5>.Run,
        };
}
