namespace SqueezeBert.Checkpoints;

/// <summary>The type of the stored elements of a tensor. The byte order is always little-endian.</summary>
public enum TensorType
{
    /// <summary>A boolean in one byte, 0 or 1 ("BOOL").</summary>
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

    /// <summary>bfloat16, the upper half of a float32 ("BF16").</summary>
    BFloat16,

    /// <summary>IEEE 754 single precision ("F32").</summary>
    Float32,

    /// <summary>IEEE 754 double precision ("F64").</summary>
    Float64,
}
