using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Architectures;

namespace SqueezeBert.Graphs.Parameters;

/// <summary>
/// Computes parameters by a formula of their name and index. It gives full-size models without a download, for tests, benchmarks and memory
/// measurements. The values are distributed like those of a trained model, so that activations neither vanish nor explode.
/// </summary>
/// <param name="gain">The factor of the matrices: 1, or 0.35 for MobileBERT, which has no normalization that limits it.</param>
/// <param name="basePrefix">The prefix that is removed from names, so that an encoder has the same values with and without a head.</param>
internal sealed class FormulaParameters(float gain = 1, string basePrefix = "") : IParameterSource
{
    /// <summary>Creates the source for a model of this architecture.</summary>
    public static FormulaParameters For(ModelConfiguration configuration)
    {
        var architecture = SupportedArchitectures.Of(configuration);
        return new FormulaParameters(architecture.FormulaGain, architecture.Prefix);
    }

    public void Read(Parameter parameter, Span<float> destination)
    {
        if (parameter.Kind == ParameterKind.RowNumber)
        {
            for (var i = 0; i < destination.Length; i++) destination[i] = i % parameter.RowLimit;
            return;
        }

        var name = parameter.Name.StartsWith(basePrefix, StringComparison.Ordinal) ? parameter.Name[basePrefix.Length..] : parameter.Name;
        var hash = HashedNumbers.Hash(name);
        var (scale, offset) = Spread(parameter, name);
        for (var i = 0; i < destination.Length; i++) destination[i] = (float)(offset + (scale * Uniform(hash + (ulong)i)));
    }

    /// <summary>Returns a uniform number from -1 to 1.</summary>
    private static double Uniform(ulong index) => (2 * ((HashedNumbers.Mix(index) >> 40) / (double)(1 << 24))) - 1;

    private (double Scale, double Offset) Spread(Parameter parameter, string name)
    {
        var isWeight = name.EndsWith("weight", StringComparison.Ordinal);
        if (parameter.Shape.Count == 1) return isWeight && name.Contains("norm", StringComparison.OrdinalIgnoreCase) ? (0.1, 1) : (0.05, 0);
        if (parameter.Shape.Count == 2 && isWeight && name.Contains("embeddings.", StringComparison.Ordinal)) return (0.1, 0);
        return (Math.Sqrt(3.0 / parameter.Columns) * gain, 0);
    }
}
