using System.Text;

namespace SqueezeBert.Models;

/// <summary>
/// Parameters by a formula of their name and index: a full-size model without a download, for tests, benchmarks and memory measurements. The values are
/// spread as those of a trained model are, so that activations neither vanish nor explode.
/// </summary>
/// <param name="gain">Factor on the matrices; 1, and 0.35 for MobileBERT, which has no normalisation to hold it.</param>
internal sealed class FormulaParameters(float gain = 1) : IParameterSource
{
    private const ulong FnvOffset = 0xCBF29CE484222325, FnvPrime = 0x100000001B3;

    public void Read(Parameter parameter, Span<float> destination)
    {
        var hash = Hash(parameter.Name);
        var (scale, offset) = Spread(parameter);
        for (var i = 0; i < destination.Length; i++) destination[i] = (float)(offset + (scale * Uniform(hash, (ulong)i)));
    }

    /// <summary>Uniform in -1..1 for an element, by FNV-1a and SplitMix64.</summary>
    private static double Uniform(ulong hash, ulong index)
    {
        var z = hash + index + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (2 * ((z >> 40) / (double)(1 << 24))) - 1;
    }

    private (double Scale, double Offset) Spread(Parameter parameter)
    {
        var isWeight = parameter.Name.EndsWith("weight", StringComparison.Ordinal);
        if (parameter.Shape.Count == 1)
            return isWeight && parameter.Name.Contains("norm", StringComparison.OrdinalIgnoreCase) ? (0.1, 1) : (0.05, 0);
        if (parameter.Shape.Count == 2 && isWeight && parameter.Name.Contains("embeddings.", StringComparison.Ordinal)) return (0.1, 0);
        return (Math.Sqrt(3.0 / parameter.Columns) * gain, 0);
    }

    private static ulong Hash(string name)
    {
        var hash = FnvOffset;
        foreach (var value in Encoding.UTF8.GetBytes(name)) hash = (hash ^ value) * FnvPrime;
        return hash;
    }
}
