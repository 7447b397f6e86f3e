namespace SqueezeBert.Checkpoints;

/// <summary>Element-wise functions of the feed-forward layers, poolers and heads.</summary>
public enum Activation
{
    /// <summary>The identity ("linear").</summary>
    None,

    /// <summary>x Φ(x) with the exact error function ("gelu"; arXiv 1606.08415).</summary>
    Gelu,

    /// <summary>GELU by the tangent formula ("gelu_new", "gelu_pytorch_tanh").</summary>
    GeluTanh,

    /// <summary>x σ(1.702 x) ("quick_gelu").</summary>
    QuickGelu,

    /// <summary>max(x, 0) ("relu").</summary>
    Relu,

    /// <summary>x σ(x) ("silu", "swish").</summary>
    Silu,

    /// <summary>Hyperbolic tangent ("tanh").</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)) ("sigmoid").</summary>
    Sigmoid,
}
