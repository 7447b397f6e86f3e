using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SqueezeBert.Kernels.Products;

/// <summary>Copies between the layouts of matrices. The copies are exact, so they do not depend on the instruction set.</summary>
internal static unsafe class Packing
{
    /// <summary>
    /// target[i·width + j] = source[i·kStride + j·nStride] for i below k and j below columns, zero for j from columns to width, fewer than
    /// 16.
    /// </summary>
    public static void PackPanel(float* source, nint kStride, nint nStride, int k, int columns, float* target, int width)
    {
        if (columns < width)
            ClearLastVectors(target, width, k);
        if (nStride == 1)
            CopyRows(source, kStride, target, width, k, columns);
        else if (kStride == 1)
            Transpose(source, nStride, target, width, columns, k);
        else
            CopyElements(source, kStride, nStride, k, columns, target, width);
    }

    private static void ClearLastVectors(float* target, int width, int rows)
    {
        for (var i = 1; i <= rows; i++)
        {
            var end = target + ((nint)i * width);
            Vector256<float>.Zero.Store(end - 16);
            Vector256<float>.Zero.Store(end - 8);
        }
    }

    private static void CopyElements(float* source, nint kStride, nint nStride, int k, int columns, float* target, int width)
    {
        for (var i = 0; i < k; i++)
        {
            for (var j = 0; j < columns; j++)
                target[((nint)i * width) + j] = source[(i * kStride) + (j * nStride)];
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void CopyRows(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            var j = 0;
            for (; j <= columns - 16; j += 16)
            {
                if (Vector512.IsHardwareAccelerated)
                {
                    Vector512.Load(source + j).Store(target + j);
                    continue;
                }

                Vector256<float> x = Vector256.Load(source + j), y = Vector256.Load(source + j + 8);
                x.Store(target + j);
                y.Store(target + j + 8);
            }

            for (; j < columns; j++)
                target[j] = source[j];
            source += sourceStride;
            target += targetStride;
        }
    }

    /// <summary>target[j][i] = source[i][j] for i below rows and j below columns of the source.</summary>
    [MethodImpl(LeafKernel.Compilation)]
    public static void Transpose(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        // Blocks of one cache line of the source, so that the lines of the target are filled while they are near.
        const int Block = 16;
        for (var start = 0; start < columns; start += Block)
        {
            var end = Math.Min(start + Block, columns);
            var i = 0;
            for (; i <= rows - 4 && (Sse.IsSupported || AdvSimd.Arm64.IsSupported); i += 4)
            {
                var from = source + (i * sourceStride);
                var j = start;
                for (; j <= end - 4; j += 4)
                {
                    Vector128<float> a = Vector128.Load(from + j), b = Vector128.Load(from + sourceStride + j);
                    Vector128<float> c = Vector128.Load(from + (2 * sourceStride) + j), d = Vector128.Load(from + (3 * sourceStride) + j);
                    var to = target + (j * targetStride) + i;
                    if (Sse.IsSupported)
                    {
                        Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), abHigh = Sse.UnpackHigh(a, b),
                            cdHigh = Sse.UnpackHigh(c, d);
                        Sse.MoveLowToHigh(ab, cd).Store(to);
                        Sse.MoveHighToLow(cd, ab).Store(to + targetStride);
                        Sse.MoveLowToHigh(abHigh, cdHigh).Store(to + (2 * targetStride));
                        Sse.MoveHighToLow(cdHigh, abHigh).Store(to + (3 * targetStride));
                    }
                    else
                    {
                        Vector128<double> ab = AdvSimd.Arm64.ZipLow(a, b).AsDouble(), cd = AdvSimd.Arm64.ZipLow(c, d).AsDouble();
                        Vector128<double> abHigh = AdvSimd.Arm64.ZipHigh(a, b).AsDouble(), cdHigh = AdvSimd.Arm64.ZipHigh(c, d).AsDouble();
                        AdvSimd.Arm64.ZipLow(ab, cd).AsSingle().Store(to);
                        AdvSimd.Arm64.ZipHigh(ab, cd).AsSingle().Store(to + targetStride);
                        AdvSimd.Arm64.ZipLow(abHigh, cdHigh).AsSingle().Store(to + (2 * targetStride));
                        AdvSimd.Arm64.ZipHigh(abHigh, cdHigh).AsSingle().Store(to + (3 * targetStride));
                    }
                }

                for (; j < end; j++)
                {
                    for (var row = 0; row < 4; row++)
                        target[(j * targetStride) + i + row] = from[(row * sourceStride) + j];
                }
            }

            for (; i < rows; i++)
            {
                for (var j = start; j < end; j++)
                    target[(j * targetStride) + i] = source[(i * sourceStride) + j];
            }
        }
    }
}
