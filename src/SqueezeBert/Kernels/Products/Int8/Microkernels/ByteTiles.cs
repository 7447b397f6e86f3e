using System.Runtime.Intrinsics;
using SqueezeBert.Kernels.Products.Int8.MachineCode;
using SqueezeBert.Kernels.Products.Microkernels;

namespace SqueezeBert.Kernels.Products.Int8.Microkernels;

/// <summary>Runs tiles of int8 products in all implementations.</summary>
internal static unsafe class ByteTiles
{
    /// <summary>The largest number of rows of a tile in any implementation.</summary>
    public const int HighestTile = AmxTiles.Height;

    /// <summary>
    /// Computes the sums of all <paramref name="width"/> columns, a multiple of 16 up to 64, and of up to <see cref="MaximumHeight"/> rows.
    /// </summary>
    public static void Run(Int8Form form, ByteTileArguments* arguments, int width, int rows)
    {
        switch (form)
        {
            case Int8Form.Amx: AmxTiles.Run(arguments, width); break;
            case Int8Form.Avx512Vnni: VnniTiles.Run(arguments, width, rows); break;
            case Int8Form.Avx512: WordTiles.Run<Pairs512, Vector512<int>>(arguments, width, rows); break;
            case Int8Form.AvxVnni: Run<Vnni256, Vector256<int>>(arguments, width, rows); break;
            case Int8Form.Avx2: WordTiles.Run<Pairs256, Vector256<int>>(arguments, width, rows); break;
            case Int8Form.ArmDot: Run<Dot128, Vector128<int>>(arguments, width, rows); break;
            case Int8Form.Vector128: Run<Words128, Vector128<int>>(arguments, width, rows); break;
            default: throw new ArgumentOutOfRangeException(nameof(form), form, "There are no tiles of this form.");
        }
    }

    /// <summary>Whether tiles can write results instead of sums.</summary>
    public static bool CanFinish(Int8Form form) => form == Int8Form.Avx512Vnni;

    /// <summary>Returns the number of rows of the highest tile for a panel of that width.</summary>
    public static int MaximumHeight(Int8Form form, int width) => form switch
    {
        Int8Form.Amx => AmxTiles.Height,
        Int8Form.Avx512Vnni => VnniTiles.MaximumHeight(width / PanelLayout.Lanes),
        Int8Form.Avx512 => Pairs512.MaximumHeight,
        Int8Form.AvxVnni => Vnni256.MaximumHeight,
        Int8Form.Avx2 => Pairs256.MaximumHeight,
        Int8Form.ArmDot => Dot128.MaximumHeight,
        _ => Words128.MaximumHeight,
    };

    /// <summary>Strips of equal width from left to right.</summary>
    private static void Run<TSimd, TVector>(ByteTileArguments* arguments, int width, int rows)
        where TSimd : struct, IByteSimd<TVector>
        where TVector : struct
    {
        int vectors = TSimd.TileVectors(width), stripWidth = vectors * TSimd.Count;
        var tile = Select<TSimd, TVector>(vectors, rows);
        var t = *arguments;
        t.BStep = width * PanelLayout.Quad;
        for (var column = 0; column < width; column += stripWidth)
        {
            tile(&t);
            t.B += stripWidth * PanelLayout.Quad;
            t.C += stripWidth;
            t.Starts += stripWidth;
        }
    }

    private static delegate*<ByteTileArguments*, void> Select<TSimd, TVector>(int vectors, int rows)
        where TSimd : struct, IByteSimd<TVector>
        where TVector : struct =>
        vectors == 2 ? Select2<TSimd, TVector>(rows) : Select4<TSimd, TVector>(rows);

    private static delegate*<ByteTileArguments*, void> Select2<TSimd, TVector>(int rows)
        where TSimd : struct, IByteSimd<TVector>
        where TVector : struct => rows switch
        {
            1 => &ByteTile2<TSimd, TVector, Rows1>.Run,
            2 => &ByteTile2<TSimd, TVector, Rows2>.Run,
            3 => &ByteTile2<TSimd, TVector, Rows3>.Run,
            4 => &ByteTile2<TSimd, TVector, Rows4>.Run,
            5 => &ByteTile2<TSimd, TVector, Rows5>.Run,
            _ => &ByteTile2<TSimd, TVector, Rows6>.Run,
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
