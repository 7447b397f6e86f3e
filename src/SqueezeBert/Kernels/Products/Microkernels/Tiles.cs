using SqueezeBert.Kernels.Products.MachineCode;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>Covers a panel of 16 to 64 columns and any number of rows with tiles. No tile computes a row that is not needed.</summary>
internal static unsafe class Tiles
{
    /// <summary>c for the given rows and all of the <paramref name="width"/> columns, a multiple of 16 up to 64.</summary>
    public static void Run(InstructionSet set, TileArguments* arguments, int width, int rows)
    {
        if (set == InstructionSet.Avx512Tiles)
            FmaTiles.Cover(arguments, width, rows);
        else
            InstructionSets.RunTiles(set, new CoverKernel(arguments, width, rows, MaximumHeight(set, width)));
    }

    /// <summary>The rows of the highest tile for a panel.</summary>
    public static int MaximumHeight(InstructionSet set, int width) => set < InstructionSet.Avx512Tiles ? 6 : width switch
    {
        16 or 32 => 12,
        48 => 8,
        _ => 6,
    };

    /// <summary>Strips of equal width from left to right, each from top to bottom.</summary>
    private static void Cover<TSimd, TVector>(TileArguments* arguments, int width, int rows, int maximumHeight)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int vectors = TSimd.TileVectors(width), stripWidth = vectors * TSimd.Count, strips = width / stripWidth;
        TileRows tiles = new(rows, maximumHeight, rows);
        var height = tiles.Height;
        var low = Select<TSimd, TVector>(vectors, height);
        var high = tiles.Higher > 0 ? Select<TSimd, TVector>(vectors, height + 1) : null;

        var all = *arguments;
        all.SpreadPrefetch(tiles.TileCount, strips);
        for (var strip = 0; strip < strips; strip++)
        {
            var t = all;
            all.Prefetch += tiles.TileCount * t.K * t.PrefetchStep;
            var column = strip * stripWidth;
            t.B += column;
            t.C += column;
            t.Bias += t.Bias is null ? 0 : column;
            t.Residual += t.Residual is null ? 0 : column;
            for (var tile = 0; tile < tiles.TileCount; tile++)
            {
                var isHigh = tile < tiles.Higher;
                if (isHigh)
                    high(&t);
                else
                    low(&t);
                var done = isHigh ? height + 1 : height;
                t.Prefetch += t.K * t.PrefetchStep;
                t.A += done * t.ARowStride;
                t.C += done * t.CStride;
                t.Residual += t.Residual is null ? 0 : done * t.ResidualStride;
            }
        }
    }

    /// <summary>
    /// Returns the tile of that many vectors and rows. Only the widest vectors use tiles of one and three vectors. A constant in the
    /// condition keeps the compiler from generating them for the others.
    /// </summary>
    private static delegate*<TileArguments*, void> Select<TSimd, TVector>(int vectors, int rows)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.Count == PanelLayout.Lanes && vectors == 1 ? Select1<TSimd, TVector>(rows)
        : TSimd.Count == PanelLayout.Lanes && vectors == 3 ? Select3<TSimd, TVector>(rows)
        : vectors == 2 ? Select2<TSimd, TVector>(rows)
        : Select4<TSimd, TVector>(rows);

    private static delegate*<TileArguments*, void> Select1<TSimd, TVector>(int rows)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &Tile1<TSimd, TVector, Rows1>.Run,
            2 => &Tile1<TSimd, TVector, Rows2>.Run,
            3 => &Tile1<TSimd, TVector, Rows3>.Run,
            4 => &Tile1<TSimd, TVector, Rows4>.Run,
            5 => &Tile1<TSimd, TVector, Rows5>.Run,
            6 => &Tile1<TSimd, TVector, Rows6>.Run,
            7 => &Tile1<TSimd, TVector, Rows7>.Run,
            8 => &Tile1<TSimd, TVector, Rows8>.Run,
            9 => &Tile1<TSimd, TVector, Rows9>.Run,
            10 => &Tile1<TSimd, TVector, Rows10>.Run,
            11 => &Tile1<TSimd, TVector, Rows11>.Run,
            _ => &Tile1<TSimd, TVector, Rows12>.Run,
        };

    private static delegate*<TileArguments*, void> Select2<TSimd, TVector>(int rows)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &Tile2<TSimd, TVector, Rows1>.Run,
            2 => &Tile2<TSimd, TVector, Rows2>.Run,
            3 => &Tile2<TSimd, TVector, Rows3>.Run,
            4 => &Tile2<TSimd, TVector, Rows4>.Run,
            5 => &Tile2<TSimd, TVector, Rows5>.Run,
            6 => &Tile2<TSimd, TVector, Rows6>.Run,
            7 => &Tile2<TSimd, TVector, Rows7>.Run,
            8 => &Tile2<TSimd, TVector, Rows8>.Run,
            9 => &Tile2<TSimd, TVector, Rows9>.Run,
            10 => &Tile2<TSimd, TVector, Rows10>.Run,
            11 => &Tile2<TSimd, TVector, Rows11>.Run,
            _ => &Tile2<TSimd, TVector, Rows12>.Run,
        };

    private static delegate*<TileArguments*, void> Select3<TSimd, TVector>(int rows)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &Tile3<TSimd, TVector, Rows1>.Run,
            2 => &Tile3<TSimd, TVector, Rows2>.Run,
            3 => &Tile3<TSimd, TVector, Rows3>.Run,
            4 => &Tile3<TSimd, TVector, Rows4>.Run,
            5 => &Tile3<TSimd, TVector, Rows5>.Run,
            6 => &Tile3<TSimd, TVector, Rows6>.Run,
            7 => &Tile3<TSimd, TVector, Rows7>.Run,
            _ => &Tile3<TSimd, TVector, Rows8>.Run,
        };

    private static delegate*<TileArguments*, void> Select4<TSimd, TVector>(int rows)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &Tile4<TSimd, TVector, Rows1>.Run,
            2 => &Tile4<TSimd, TVector, Rows2>.Run,
            3 => &Tile4<TSimd, TVector, Rows3>.Run,
            4 => &Tile4<TSimd, TVector, Rows4>.Run,
            5 => &Tile4<TSimd, TVector, Rows5>.Run,
            _ => &Tile4<TSimd, TVector, Rows6>.Run,
        };

    private readonly struct CoverKernel(TileArguments* arguments, int width, int rows, int maximumHeight) : ITileKernel
    {
        public void Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct => Cover<TSimd, TVector>(arguments, width, rows, maximumHeight);

        public void RunScalar()
        {
            var t = *arguments;
            Epilogue epilogue = new() { Bias = t.Bias, Residual = new(t.Residual, t.ResidualStride, rows, width) };
            for (var i = 0; i < rows; i++)
            {
                var row = t.C + (i * t.CStride);
                for (var j = 0; j < width; j++)
                {
                    var sum = t.Accumulate ? row[j] : 0f;
                    sum = ScalarProduct.Chain(sum, t.A + (i * t.ARowStride), t.AStep, t.B + j, t.BStep, t.K);
                    row[j] = ScalarProduct.Finish(sum, i, j, epilogue);
                }
            }
        }
    }
}
