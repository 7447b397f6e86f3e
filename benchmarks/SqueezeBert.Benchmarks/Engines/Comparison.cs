using System.Globalization;

namespace SqueezeBert.Benchmarks.Engines;

/// <summary>Two engines gave different answers: the benchmark is worth nothing, and fails.</summary>
internal sealed class WrongResultException(string message) : Exception(message);

/// <summary>Whether engines that are timed compute the same.</summary>
internal static class Comparison
{
    /// <summary>As a share of the largest value (at least 1): float32 in another order of summation, 24 layers deep, stays below.</summary>
    public const double Tolerance = 1e-4;

    /// <exception cref="WrongResultException">A value differs by more than the tolerance, or is not a number.</exception>
    public static void Check(string what, IEngine ours, IEngine theirs)
    {
        var (x, y) = (ours.LastResult(), theirs.LastResult());
        if (x.Length != y.Length) throw new WrongResultException($"{what}: {ours.Name} gave {x.Length} values, {theirs.Name} {y.Length}");
        var largest = Math.Max(1, y.Max(Math.Abs));
        for (var i = 0; i < x.Length; i++)
        {
            if (!(Math.Abs(x[i] - y[i]) <= Tolerance * largest))
            {
                throw new WrongResultException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what}: value {i} is {x[i]} from {ours.Name} but {y[i]} from {theirs.Name}; the largest is {largest}"));
            }
        }
    }
}
