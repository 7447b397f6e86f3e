namespace SqueezeBert.Training;

/// <summary>Settings of AdamW (Loshchilov and Hutter, arXiv 1711.05101) besides the learning rate.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the mean of gradients, 0 up to, not including, 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients, 0 up to, not including, 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the corrected second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Each step takes learning rate times this off a decayed parameter.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Whether biases and the parameters of norms decay too; by default they do not.</summary>
    public bool DecayBiasesAndNorms { get; init; }
}
