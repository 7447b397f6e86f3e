using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>Converts between activations and their names in a config.json.</summary>
internal static class ActivationNames
{
    public const string Supported =
        "gelu, gelu_python, gelu_new, gelu_pytorch_tanh, gelu_fast, quick_gelu, relu, silu, swish, tanh, sigmoid, linear";

    public static Activation? Parse(string name) => name switch
    {
        "gelu" or "gelu_python" => Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => Activation.GeluTanh,
        "quick_gelu" => Activation.QuickGelu,
        "relu" => Activation.Relu,
        "silu" or "swish" => Activation.Silu,
        "tanh" => Activation.Tanh,
        "sigmoid" => Activation.Sigmoid,
        "linear" => Activation.None,
        _ => null,
    };

    public static string NameOf(Activation activation) => activation switch
    {
        Activation.Gelu => "gelu",
        Activation.GeluTanh => "gelu_new",
        Activation.QuickGelu => "quick_gelu",
        Activation.Relu => "relu",
        Activation.Silu => "silu",
        Activation.Tanh => "tanh",
        Activation.Sigmoid => "sigmoid",
        _ => "linear",
    };
}
