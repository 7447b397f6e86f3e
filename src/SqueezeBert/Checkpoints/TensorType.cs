namespace SqueezeBert.Checkpoints;

/// <summary>How a checkpoint stores a tensor's elements. Always little-endian.</summary>
public enum TensorType
{
    /// <summary>One byte, 0 or 1 ("BOOL").</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer ("U8").</summary>
    UInt8,

    /// <summary>Signed 8-bit integer ("I8").</summary>
    Int8,

    /// <summary>Signed 16-bit integer ("I16").</summary>
    Int16,

    /// <summary>Signed 32-bit integer ("I32").</summary>
    Int32,

    /// <summary>Signed 64-bit integer ("I64").</summary>
    Int64,

    /// <summary>IEEE 754 half precision ("F16").</summary>
    Float16,

    /// <summary>The upper half of a float32 ("BF16").</summary>
    BFloat16,

    /// <summary>IEEE 754 single precision ("F32").</summary>
    Float32,

    /// <summary>IEEE 754 double precision ("F64").</summary>
    Float64,
}

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
