using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Tensors;

/// <summary>Converts between the little-endian bytes of a file and numbers.</summary>
internal static class ElementConversion
{
    public static void ToFloats(TensorType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case TensorType.Float32:
                for (var i = 0; i < destination.Length; i++) destination[i] = BinaryPrimitives.ReadSingleLittleEndian(source[(4 * i)..]);
                break;
            case TensorType.Float16:
                for (var i = Widen(source, destination, isBFloat16: false); i < destination.Length; i++)
                    destination[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(source[(2 * i)..]);
                break;
            case TensorType.BFloat16:
                for (var i = Widen(source, destination, isBFloat16: true); i < destination.Length; i++)
                    destination[i] = BitConverter.UInt32BitsToSingle(
                        (uint)BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * i)..]) << 16);
                break;
            case TensorType.Float64:
                for (var i = 0; i < destination.Length; i++)
                    destination[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(source[(8 * i)..]);
                break;
            default:
                for (var i = 0; i < destination.Length; i++) destination[i] = ReadInteger(type, source, i);
                break;
        }
    }

    public static void ToInt64s(TensorType type, ReadOnlySpan<byte> source, Span<long> destination)
    {
        for (var i = 0; i < destination.Length; i++) destination[i] = ReadInteger(type, source, i);
    }

    /// <summary>
    /// Rounds to the nearest value, ties to even. A finite value that becomes infinite throws an <see cref="OverflowException"/>, which
    /// names the tensor.
    /// </summary>
    public static void FromFloats(TensorType type, ReadOnlySpan<float> source, Span<byte> destination, string name)
    {
        switch (type)
        {
            case TensorType.Float32 when BitConverter.IsLittleEndian:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case TensorType.Float32:
                for (var i = 0; i < source.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(destination[(4 * i)..], source[i]);
                break;
            case TensorType.Float16:
                for (var i = 0; i < source.Length; i++)
                {
                    var half = (Half)source[i];
                    if (Half.IsInfinity(half) && float.IsFinite(source[i]))
                        throw Overflow(name, source[i], "float16", "bfloat16 or float32");
                    BinaryPrimitives.WriteHalfLittleEndian(destination[(2 * i)..], half);
                }

                break;
            case TensorType.BFloat16:
                for (var i = 0; i < source.Length; i++)
                {
                    var bits = ToBFloat16(source[i]);
                    if ((bits & 0x7FFF) == 0x7F80 && float.IsFinite(source[i])) throw Overflow(name, source[i], "bfloat16", "float32");
                    BinaryPrimitives.WriteUInt16LittleEndian(destination[(2 * i)..], bits);
                }

                break;
            default:
                throw new ArgumentException($"tensor '{name}': floats are written as float32, float16 or bfloat16, not as {type}",
                    nameof(type));
        }
    }

    /// <summary>Converts eight elements at a time and returns how many have been converted.</summary>
    private static int Widen(ReadOnlySpan<byte> source, Span<float> destination, bool isBFloat16)
    {
        var count = BitConverter.IsLittleEndian ? destination.Length / 8 * 8 : 0;
        ref var from = ref MemoryMarshal.GetReference(source[..(2 * count)]);
        ref var to = ref MemoryMarshal.GetReference(destination);
        for (var i = 0; i < count; i += 8)
        {
            var bits = Vector128.LoadUnsafe(ref from, (nuint)i * 2).AsUInt16();
            var (low, high) = (Vector128.WidenLower(bits), Vector128.WidenUpper(bits));
            (isBFloat16 ? (low << 16).AsSingle() : Widen(low)).StoreUnsafe(ref to, (nuint)i);
            (isBFloat16 ? (high << 16).AsSingle() : Widen(high)).StoreUnsafe(ref to, (nuint)i + 4);
        }

        return count;
    }

    /// <summary>
    /// Converts the 16 bits of a float16. If exponent and mantissa are moved to their places in a float32, any number, even a subnormal
    /// one, is 2^112 times too small. Infinity and NaN become 65536 and more, and get the right exponent afterwards.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Widen(Vector128<uint> bits)
    {
        var sign = (bits & Vector128.Create(0x8000u)) << 16;
        var magnitude = ((bits & Vector128.Create(0x7FFFu)) << 13).AsSingle() * Vector128.Create(0x77800000u).AsSingle();
        var special = Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(65536f)).AsUInt32() & Vector128.Create(0x7F800000u);
        return (magnitude.AsUInt32() | special | sign).AsSingle();
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);

        // Rounding could carry a NaN's payload away and leave an infinity.
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static long ReadInteger(TensorType type, ReadOnlySpan<byte> source, int index) => type switch
    {
        TensorType.Bool => source[index] != 0 ? 1 : 0,
        TensorType.UInt8 => source[index],
        TensorType.Int8 => (sbyte)source[index],
        TensorType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(source[(2 * index)..]),
        TensorType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(source[(4 * index)..]),
        _ => BinaryPrimitives.ReadInt64LittleEndian(source[(8 * index)..]),
    };

    private static OverflowException Overflow(string name, float value, string type, string remedy) =>
        new(FormattableString.Invariant($"tensor '{name}': {value} is beyond the range of {type}; save as {remedy}"));
}
