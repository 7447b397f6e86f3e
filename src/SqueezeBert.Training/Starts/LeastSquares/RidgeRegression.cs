using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SqueezeBert.Training.Starts.LeastSquares;

/// <summary>
/// Least squares with a penalty on the distance of the coefficients from those that are known beforehand, in float64, by Cholesky's
/// decomposition. Every element is one chain of operations in a fixed order: the same bits on every machine.
/// </summary>
internal static class RidgeRegression
{
    /// <summary>Coefficients C [inputs, outputs] that make (G + p I) C = X + p K.</summary>
    /// <param name="gram">G, products of the inputs [inputs, inputs]; overwritten by its decomposition.</param>
    /// <param name="cross">X, products of inputs and outputs [inputs, outputs]; overwritten by C.</param>
    /// <param name="inputs">Number of inputs.</param>
    /// <param name="penalty">p, above 0.</param>
    /// <param name="known">K [inputs, outputs]; empty for zeros.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each input.</param>
    public static void Solve(
        double[] gram, double[] cross, int inputs, double penalty, ReadOnlySpan<double> known, CancellationToken cancellationToken)
    {
        var outputs = cross.Length / inputs;
        for (var i = 0; i < inputs; i++) gram[(i * inputs) + i] += penalty;
        for (var i = 0; i < known.Length; i++) cross[i] += penalty * known[i];

        // G = Uᵀ U, row by row of U; the same steps turn X into U⁻ᵀ X.
        for (var k = 0; k < inputs; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var pivotRow = gram.AsSpan((k * inputs) + k, inputs - k);
            if (!(pivotRow[0] > 0)) throw new InvalidOperationException("the text has too little in it: some channels are always the same");
            var scale = 1 / Math.Sqrt(pivotRow[0]);
            Scale(pivotRow, scale);
            var solved = cross.AsSpan(k * outputs, outputs);
            Scale(solved, scale);
            for (var i = k + 1; i < inputs; i++)
            {
                var factor = pivotRow[i - k];
                Subtract(gram.AsSpan((i * inputs) + i, inputs - i), pivotRow[(i - k)..], factor);
                Subtract(cross.AsSpan(i * outputs, outputs), solved, factor);
            }
        }

        for (var k = inputs - 1; k >= 0; k--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = cross.AsSpan(k * outputs, outputs);
            for (var i = k + 1; i < inputs; i++) Subtract(row, cross.AsSpan(i * outputs, outputs), gram[(k * inputs) + i]);
            Scale(row, 1 / gram[(k * inputs) + k]);
        }
    }

    private static void Scale(Span<double> values, double factor)
    {
        for (var i = 0; i < values.Length; i++) values[i] *= factor;
    }

    /// <summary>values -= factor * others; multiplied and then subtracted, on machines with fused operations too.</summary>
    private static void Subtract(Span<double> values, ReadOnlySpan<double> others, double factor)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var other = ref MemoryMarshal.GetReference(others);
        var factors = Vector256.Create(factor);
        nuint i = 0;
        for (; i + 4 <= (nuint)values.Length; i += 4)
            (Vector256.LoadUnsafe(ref value, i) - (Vector256.LoadUnsafe(ref other, i) * factors)).StoreUnsafe(ref value, i);
        for (; i < (nuint)values.Length; i++) values[(int)i] -= others[(int)i] * factor;
    }
}
