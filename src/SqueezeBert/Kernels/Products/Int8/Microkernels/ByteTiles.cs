using System.Runtime.Intrinsics;
using SqueezeBert.Kernels.Products.Int8.MachineCode;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>Covers a panel of 16 to 64 columns and any number of rows with tiles of bytes, none of which computes a row in vain.</summary>
internal static unsafe class ByteTiles
{
    /// <summary>The sums of the given rows and all of the <paramref name="width"/> columns, a multiple of 16 up to 64.</summary>
    public static void Run(Int8Form form, ByteTileArguments* arguments, int width, int rows)
    {
        switch (form)
        {
            case Int8Form.Avx512Vnni: VnniTiles.Cover(arguments, width, rows); break;
            case Int8Form.Avx512: Cover<Words512, Vector512<int>>(arguments, width, rows); break;
            case Int8Form.AvxVnni: Cover<Vnni256, Vector256<int>>(arguments, width, rows); break;
            case Int8Form.Avx2: Cover<Words256, Vector256<int>>(arguments, width, rows); break;
            case Int8Form.ArmDot: Cover<Dot128, Vector128<int>>(arguments, width, rows); break;
            case Int8Form.Vector128: Cover<Words128, Vector128<int>>(arguments, width, rows); break;
            default: throw new ArgumentOutOfRangeException(nameof(form), form, "There are no tiles of this form.");
        }
    }

    /// <summary>The rows of the highest tile for a panel of that width.</summary>
    public static int MaximumHeight(Int8Form form, int width) => form switch
    {
        Int8Form.Avx512Vnni => VnniTiles.MaximumHeight(width / PanelLayout.Lanes),
        Int8Form.Avx512 => Words512.MaximumHeight,
        Int8Form.AvxVnni => Vnni256.MaximumHeight,
        Int8Form.Avx2 => Words256.MaximumHeight,
        Int8Form.ArmDot => Dot128.MaximumHeight,
        _ => Words128.MaximumHeight,
    };

    /// <summary>Strips of equal width from left to right, each from top to bottom.</summary>
    private static void Cover<TSimd, TVector>(ByteTileArguments* arguments, int width, int rows)
        where TSimd : struct, IByteSimd<TVector>
        where TVector : struct
    {
        int vectors = TSimd.TileVectors(width), stripWidth = vectors * TSimd.Count, strips = width / stripWidth;
        TileRows tiles = new(rows, TSimd.MaximumHeight, rows);
        var height = tiles.Height;
        var low = Select<TSimd, TVector>(vectors, height);
        var high = tiles.Higher > 0 ? Select<TSimd, TVector>(vectors, height + 1) : null;
        var t = *arguments;
        t.SetPrefetch(strips * tiles.TileCount);
        t.BStep = width * Int8Rows.Quad;
        for (var strip = 0; strip < strips; strip++)
        {
            t.A = arguments->A;
            t.C = arguments->C + (strip * stripWidth);
            t.B = arguments->B + (strip * stripWidth * Int8Rows.Quad);
            t.Starts = arguments->Starts + (strip * stripWidth);
            for (var tile = 0; tile < tiles.TileCount; tile++)
            {
                var isHigh = tile < tiles.Higher;
                if (isHigh)
                    high(&t);
                else
                    low(&t);
                t.Advance(isHigh ? height + 1 : height);
            }
        }
    }

    private static delegate*<ByteTileArguments*, void> Select<TSimd, TVector>(int vectors, int rows)
        where TSimd : struct, IByteSimd<TVector>
        where TVector : struct =>
        TSimd.Count == PanelLayout.Lanes && vectors == 1 ? Select1<TSimd, TVector>(rows)
        : vectors == 2 ? Select2<TSimd, TVector>(rows)
        : Select4<TSimd, TVector>(rows);

    private static delegate*<ByteTileArguments*, void> Select1<TSimd, TVector>(int rows)
        where TSimd : struct, IByteSimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &ByteTile1<TSimd, TVector, Rows1>.Run,
            2 => &ByteTile1<TSimd, TVector, Rows2>.Run,
            3 => &ByteTile1<TSimd, TVector, Rows3>.Run,
            4 => &ByteTile1<TSimd, TVector, Rows4>.Run,
            5 => &ByteTile1<TSimd, TVector, Rows5>.Run,
            6 => &ByteTile1<TSimd, TVector, Rows6>.Run,
            7 => &ByteTile1<TSimd, TVector, Rows7>.Run,
            _ => &ByteTile1<TSimd, TVector, Rows8>.Run,
        };

    private static delegate*<ByteTileArguments*, void> Select2<TSimd, TVector>(int rows)
        where TSimd : struct, IByteSimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &ByteTile2<TSimd, TVector, Rows1>.Run,
            2 => &ByteTile2<TSimd, TVector, Rows2>.Run,
            3 => &ByteTile2<TSimd, TVector, Rows3>.Run,
            4 => &ByteTile2<TSimd, TVector, Rows4>.Run,
            5 => &ByteTile2<TSimd, TVector, Rows5>.Run,
            6 => &ByteTile2<TSimd, TVector, Rows6>.Run,
            7 => &ByteTile2<TSimd, TVector, Rows7>.Run,
            _ => &ByteTile2<TSimd, TVector, Rows8>.Run,
        };

    private static delegate*<ByteTileArguments*, void> Select4<TSimd, TVector>(int rows)
        where TSimd : struct, IByteSimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &ByteTile4<TSimd, TVector, Rows1>.Run,
            2 => &ByteTile4<TSimd, TVector, Rows2>.Run,
            3 => &ByteTile4<TSimd, TVector, Rows3>.Run,
            4 => &ByteTile4<TSimd, TVector, Rows4>.Run,
            5 => &ByteTile4<TSimd, TVector, Rows5>.Run,
            _ => &ByteTile4<TSimd, TVector, Rows6>.Run,
        };
}
