using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace SqueezeBert.Kernels.Products.Microkernels;

/// <summary>Covers a panel of 16 to 64 columns and any number of rows with tiles, none of which computes a row in vain.</summary>
internal static unsafe class Tiles
{
    /// <summary>c for the given rows and all of the <paramref name="width"/> columns, a multiple of 16 up to 64.</summary>
    public static void Run(InstructionSet set, TileArguments* arguments, int width, int rows)
    {
        var height = MaximumHeight(set, width);
        switch (set)
        {
            case InstructionSet.Avx512:
                switch (width)
                {
                    case 16: Cover(arguments, 1, 16, rows, height, &Select1<Simd512, Vector512<float>>); break;
                    case 32: Cover(arguments, 1, 32, rows, height, &Select2<Simd512, Vector512<float>>); break;
                    case 48: Cover(arguments, 1, 48, rows, height, &Select3<Simd512, Vector512<float>>); break;
                    default: Cover(arguments, 1, 64, rows, height, &Select4<Simd512, Vector512<float>>); break;
                }

                break;
            case InstructionSet.Avx2:
                Cover(arguments, width / 16, 16, rows, height, &Select2<Simd256, Vector256<float>>);
                break;
            default:
                // ARM64 has 32 vector registers, SSE 16.
                if (AdvSimd.IsSupported)
                    Cover(arguments, width / 16, 16, rows, height, &Select4<Simd128, Vector128<float>>);
                else
                    Cover(arguments, width / 8, 8, rows, height, &Select2<Simd128, Vector128<float>>);
                break;
        }
    }

    /// <summary>The rows of the highest tile for a panel.</summary>
    public static int MaximumHeight(InstructionSet set, int width) => set != InstructionSet.Avx512 ? 6 : width switch
    {
        16 or 32 => 12,
        48 => 8,
        _ => 6,
    };

    /// <summary>Strips of equal width from left to right, each from top to bottom.</summary>
    private static void Cover(
        TileArguments* arguments, int strips, int stripWidth, int rows, int maximumHeight,
        delegate*<int, delegate*<TileArguments*, void>> select)
    {
        TileRows tiles = new(rows, maximumHeight, rows);
        var height = tiles.Height;
        var low = select(height);
        var high = tiles.Higher > 0 ? select(height + 1) : null;

        // A single row of tiles reads memory as fast as it comes; asking for more only gets in its way.
        var isPrefetching = arguments->Prefetch is not null && tiles.TileCount > 1;
        var prefetch = isPrefetching ? arguments->Prefetch : (byte*)arguments->B;
        var prefetchStep = !isPrefetching ? 0 : PrefetchStep(arguments->PrefetchBytes, arguments->K * strips * tiles.TileCount);
        for (var strip = 0; strip < strips; strip++)
        {
            var t = *arguments;
            t.Prefetch = prefetch;
            t.PrefetchStep = prefetchStep;
            prefetch += tiles.TileCount * t.K * prefetchStep;
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
                t.Prefetch += t.K * prefetchStep;
                t.A += done * t.ARowStride;
                t.C += done * t.CStride;
                t.Residual += t.Residual is null ? 0 : done * t.ResidualStride;
            }
        }
    }

    private static nint PrefetchStep(nint bytes, nint terms) => (bytes + terms - 1) / terms;

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
}
