using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Search;

/// <summary>
/// The number of bits in which a vector of signs differs from the rows of a matrix of signs. x86 counts the bits of a 64-bit word with one
/// instruction, faster than memory delivers the words.
/// </summary>
internal static unsafe class SignDistances
{
    /// <summary>distances[i] = the bits in which row i differs from the query.</summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="query">[words].</param>
    /// <param name="words">The number of words of a row, at most 1,024.</param>
    /// <param name="rows">The rows, without gaps.</param>
    /// <param name="count">Rows.</param>
    /// <param name="distances">[count].</param>
    public static void Run(InstructionSet set, ulong* query, int words, ulong* rows, int count, int* distances)
    {
        if (set == InstructionSet.Scalar) ScalarSearch.Distances(query, words, rows, count, distances);
        else if (AdvSimd.IsSupported) CountOnArm(query, words, rows, count, distances);
        else Count(query, words, rows, count, distances);
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Count(ulong* query, nint words, ulong* rows, int count, int* distances)
    {
        for (var row = 0; row < count; row++)
        {
            int even = 0, odd = 0;
            nint i = 0;
            for (; i + 2 <= words; i += 2)
            {
                even += BitOperations.PopCount(query[i] ^ rows[i]);
                odd += BitOperations.PopCount(query[i + 1] ^ rows[i + 1]);
            }

            if (i < words) even += BitOperations.PopCount(query[i] ^ rows[i]);
            distances[row] = even + odd;
            rows += words;
        }
    }

    // ARM64 counts in vectors only. A sum of 16 bits takes 16 at a time, and 512 times.
    [MethodImpl(LeafKernel.Compilation)]
    private static void CountOnArm(ulong* query, nint words, ulong* rows, int count, int* distances)
    {
        for (var row = 0; row < count; row++)
        {
            var sums = Vector128<ushort>.Zero;
            nint i = 0;
            for (; i + 2 <= words; i += 2)
            {
                sums = AdvSimd.AddPairwiseWideningAndAdd(
                    sums, AdvSimd.PopCount((Vector128.Load(query + i) ^ Vector128.Load(rows + i)).AsByte()));
            }

            if (i < words)
                sums = AdvSimd.AddPairwiseWideningAndAdd(sums, AdvSimd.PopCount(Vector128.CreateScalar(query[i] ^ rows[i]).AsByte()));
            distances[row] = (int)Vector128.Sum(AdvSimd.AddPairwiseWidening(sums));
            rows += words;
        }
    }
}
