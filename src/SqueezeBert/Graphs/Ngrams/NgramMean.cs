using SqueezeBert.Kernels;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Graphs.Ngrams;

/// <summary>
/// The vector of a word: the mean of the table rows of its n-grams. Inference and training share it, and so have the same bits.
/// </summary>
internal static unsafe class NgramMean
{
    /// <summary>The number of rows that are added in one call of a kernel. The order of the sum does not depend on it.</summary>
    private const int Chunk = 32;

    /// <summary>Writes the mean of the rows, added one after another, duplicates included. The word has at least one n-gram.</summary>
    public static void Compute(EmbeddingRows table, NgramBuckets buckets, float* target, int width)
    {
        var lookups = stackalloc EmbeddingLookup[Chunk];
        var entries = stackalloc int[Chunk];
        var (total, count) = (0, 0);
        foreach (var bucket in buckets)
        {
            if (count == Chunk)
            {
                Embedding.Sum(lookups, count, new Matrix(target, 1, width));

                // The sum so far is the first row of the next one.
                lookups[0] = new EmbeddingLookup(target, null);
                count = 1;
            }

            entries[count] = bucket;
            lookups[count] = new EmbeddingLookup(table, entries + count);
            count++;
            total++;
        }

        Embedding.Sum(lookups, count, new Matrix(target, 1, width));
        Elementwise.Scale(1f / total, target, target, width);
    }
}
