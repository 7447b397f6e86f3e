using System.Numerics;

namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>
/// Arithmetic on rows of float64, in vectors. Each element is one chain of operations, so the bits are those of a loop over elements.
/// </summary>
internal static class Float64Rows
{
    /// <summary>sums += factor · source.</summary>
    public static void AddMultiple(ReadOnlySpan<double> source, double factor, Span<double> sums)
    {
        var i = 0;
        for (; i <= sums.Length - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(sums[i..]) + (factor * new Vector<double>(source[i..]))).CopyTo(sums[i..]);
        for (; i < sums.Length; i++) sums[i] += factor * source[i];
    }

    /// <summary>Turns two rows by an angle: p becomes cosine · p - sine · q, and q becomes sine · p + cosine · q.</summary>
    public static void Turn(Span<double> p, Span<double> q, double cosine, double sine)
    {
        var i = 0;
        for (; i <= p.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var (a, b) = (new Vector<double>(p[i..]), new Vector<double>(q[i..]));
            ((cosine * a) - (sine * b)).CopyTo(p[i..]);
            ((sine * a) + (cosine * b)).CopyTo(q[i..]);
        }

        for (; i < p.Length && i < q.Length; i++)
        {
            var (a, b) = (p[i], q[i]);
            p[i] = (cosine * a) - (sine * b);
            q[i] = (sine * a) + (cosine * b);
        }
    }
}
