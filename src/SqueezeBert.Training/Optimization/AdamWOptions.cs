namespace SqueezeBert.Training;

/// <summary>The settings of AdamW (Loshchilov and Hutter, arXiv 1711.05101), except for the learning rate.</summary>
public sealed record AdamWOptions
{
    /// <summary>The decay of the running mean of gradients, from 0 to below 1 (default 0.9).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the running mean of squared gradients, from 0 to below 1 (default 0.999).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>The number that is added to the square root of the corrected second moment, above 0 (default 1e-8).</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>
    /// The weight decay (default 0.01). Each step reduces a parameter by the learning rate times this number times the parameter.
    /// </summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Whether weight decay also applies to biases and layer norm parameters (default false).</summary>
    public bool DecayBiasesAndNorms { get; init; }
}
