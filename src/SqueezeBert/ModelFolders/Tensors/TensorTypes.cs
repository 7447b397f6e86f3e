using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Tensors;

/// <summary>Sizes and names of element types.</summary>
internal static class TensorTypes
{
    public static int SizeOf(TensorType type) => type switch
    {
        TensorType.Bool or TensorType.UInt8 or TensorType.Int8 => 1,
        TensorType.Int16 or TensorType.Float16 or TensorType.BFloat16 => 2,
        TensorType.Int32 or TensorType.Float32 => 4,
        _ => 8,
    };

    /// <summary>The name in a safetensors header.</summary>
    public static string SafetensorsName(TensorType type) => type switch
    {
        TensorType.Bool => "BOOL",
        TensorType.UInt8 => "U8",
        TensorType.Int8 => "I8",
        TensorType.Int16 => "I16",
        TensorType.Int32 => "I32",
        TensorType.Int64 => "I64",
        TensorType.Float16 => "F16",
        TensorType.BFloat16 => "BF16",
        TensorType.Float32 => "F32",
        _ => "F64",
    };

    public static TensorType? FromSafetensorsName(string name) => name switch
    {
        "BOOL" => TensorType.Bool,
        "U8" => TensorType.UInt8,
        "I8" => TensorType.Int8,
        "I16" => TensorType.Int16,
        "I32" => TensorType.Int32,
        "I64" => TensorType.Int64,
        "F16" => TensorType.Float16,
        "BF16" => TensorType.BFloat16,
        "F32" => TensorType.Float32,
        "F64" => TensorType.Float64,
        _ => null,
    };

    /// <summary>The name in a configuration's "dtype".</summary>
    public static string ConfigurationName(TensorType type) => type switch
    {
        TensorType.Float16 => "float16",
        TensorType.BFloat16 => "bfloat16",
        TensorType.Float32 => "float32",
        _ => throw new ArgumentException($"weights are saved as float32, float16 or bfloat16, not as {type}", nameof(type)),
    };
}
