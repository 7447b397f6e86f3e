using SqueezeBert.Kernels.Search;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>The reference of <see cref="Int8Dots"/>, <see cref="Float32Dots"/> and <see cref="SignDistances"/>.</summary>
internal static unsafe class ScalarSearch
{
    public static void Dots(Int8Query query, sbyte* rows, int count, int* sums)
    {
        for (var row = 0; row < count; row++)
        {
            sums[row] = 0;
            for (nint i = 0; i < query.Width; i++) sums[row] += query.Bytes[i] * rows[i];
            rows += query.Width;
        }
    }

    public static void Dots(float* query, int width, float* rows, int count, float* dots)
    {
        var lanes = stackalloc float[ScalarReductions.Lanes];
        for (var row = 0; row < count; row++)
        {
            new Span<float>(lanes, ScalarReductions.Lanes).Clear();
            for (nint i = 0; i < width; i++)
            {
                ref var lane = ref lanes[i % ScalarReductions.Lanes];
                lane = ScalarMath.MultiplyAdd(query[i], rows[i], lane);
            }

            dots[row] = ScalarReductions.Fold(lanes);
            rows += width;
        }
    }

    public static void Distances(ulong* query, int words, ulong* rows, int count, int* distances)
    {
        for (var row = 0; row < count; row++)
        {
            distances[row] = 0;
            for (nint i = 0; i < words; i++)
            {
                for (var difference = query[i] ^ rows[i]; difference != 0; difference >>= 1) distances[row] += (int)(difference & 1);
            }

            rows += words;
        }
    }
}
