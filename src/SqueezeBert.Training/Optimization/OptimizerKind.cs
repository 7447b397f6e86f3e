namespace SqueezeBert.Training;

/// <summary>How gradients become steps.</summary>
public enum OptimizerKind
{
    /// <summary>AdamW (Loshchilov and Hutter, arXiv 1711.05101).</summary>
    AdamW,

    /// <summary>
    /// LAMB (You et al., arXiv 1904.00962): AdamW's direction, as long as each parameter is large. For steps of thousands of texts.
    /// </summary>
    Lamb,
}
