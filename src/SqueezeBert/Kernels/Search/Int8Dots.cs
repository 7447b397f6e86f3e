using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Search;

/// <summary>
/// Dot products of a vector with the rows of a matrix, both in signed bytes. The 32-bit sums are exact, so all implementations have the
/// same results. A row is read once and needs little computing for its bytes. The speed is limited by memory, and 512-bit VNNI would not be
/// faster than words.
/// </summary>
internal static unsafe class Int8Dots
{
    /// <summary>The number that must divide the length of a row.</summary>
    public const int RowMultiple = 64;

    /// <summary>The width of the widest row whose sums always fit into 32 bits, even if every product has the largest value.</summary>
    public const int MaxWidth = 1 << 16;

    /// <summary>The implementations that this processor supports, without those that are machine code.</summary>
    public static IReadOnlyList<Int8Form> Available =>
        [.. Int8Forms.Available.Where(form => form is not (Int8Form.Avx512Vnni or Int8Form.Amx))];

    /// <summary>The implementation that is used.</summary>
    public static Int8Form Selected { get; } = For(InstructionSets.Selected);

    /// <summary>Returns the implementation for an instruction set.</summary>
    public static Int8Form For(InstructionSet set)
    {
        var form = Int8Forms.For(set);
        if (form is not (Int8Form.Avx512Vnni or Int8Form.Amx)) return form;
        return Available.Contains(Int8Form.Avx512) ? Int8Form.Avx512 : Int8Forms.For(InstructionSet.Avx2);
    }

    /// <summary>sums[i] = query · row i.</summary>
    /// <param name="form">One of <see cref="Available"/>.</param>
    /// <param name="query">As wide as a row.</param>
    /// <param name="rows">The rows, without gaps.</param>
    /// <param name="count">Rows.</param>
    /// <param name="sums">[count].</param>
    public static void Run(Int8Form form, Int8Query query, sbyte* rows, int count, int* sums)
    {
        switch (form)
        {
            case Int8Form.Avx512: Run<WordDot512, Vector512<int>>(query, rows, count, sums); break;
            case Int8Form.AvxVnni: Run<VnniDot256, Vector256<int>>(query, rows, count, sums); break;
            case Int8Form.Avx2: Run<WordDot256, Vector256<int>>(query, rows, count, sums); break;
            case Int8Form.ArmDot: Run<ArmDot128, Vector128<int>>(query, rows, count, sums); break;
            case Int8Form.Vector128: Run<WordDot128, Vector128<int>>(query, rows, count, sums); break;
            default: ScalarSearch.Dots(query, rows, count, sums); break;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Run<TDot, TVector>(Int8Query query, sbyte* rows, int count, int* sums)
        where TDot : struct, IByteDot<TVector>
        where TVector : struct
    {
        var start = TDot.IsBiased ? -128 * query.Sum : 0;
        nint width = query.Width;
        var bytes = query.Bytes;
        var words = query.Words;
        for (var row = 0; row < count; row++)
        {
            TVector even = default, odd = default;
            for (nint i = 0; i < width; i += 2 * TDot.Count)
            {
                even = TDot.MultiplyAdd(even, rows + i, bytes + i, words + i);
                odd = TDot.MultiplyAdd(odd, rows + i + TDot.Count, bytes + i + TDot.Count, words + i + TDot.Count);
            }

            sums[row] = start + TDot.Total(even, odd);
            rows += width;
        }
    }
}
