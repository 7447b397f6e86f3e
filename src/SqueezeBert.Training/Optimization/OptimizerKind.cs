namespace SqueezeBert.Training;

/// <summary>The optimization algorithm.</summary>
public enum OptimizerKind
{
    /// <summary>AdamW (Loshchilov and Hutter, arXiv 1711.05101).</summary>
    AdamW,

    /// <summary>
    /// LAMB (You et al., arXiv 1904.00962): the direction of AdamW, scaled to the norm of each parameter. It is meant for steps of
    /// thousands of texts.
    /// </summary>
    Lamb,
}
