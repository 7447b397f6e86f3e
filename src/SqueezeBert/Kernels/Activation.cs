namespace SqueezeBert.Checkpoints;

/// <summary>The element-wise functions of feed-forward networks, poolers and heads.</summary>
public enum Activation
{
    /// <summary>The identity function ("linear").</summary>
    None,

    /// <summary>x Φ(x), where Φ uses the exact error function ("gelu"; arXiv 1606.08415).</summary>
    Gelu,

    /// <summary>The approximation of GELU with the hyperbolic tangent ("gelu_new", "gelu_pytorch_tanh").</summary>
    GeluTanh,

    /// <summary>x σ(1.702 x) ("quick_gelu").</summary>
    QuickGelu,

    /// <summary>max(x, 0) ("relu").</summary>
    Relu,

    /// <summary>x σ(x) ("silu", "swish").</summary>
    Silu,

    /// <summary>The hyperbolic tangent ("tanh").</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)) ("sigmoid").</summary>
    Sigmoid,
}
