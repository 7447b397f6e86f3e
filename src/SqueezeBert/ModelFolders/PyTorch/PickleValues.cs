using System.Collections.Immutable;
using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.PyTorch;

/// <summary>
/// The globals that a pickle of tensors may name. A value of this type is only a token: no type and no function is ever looked up.
/// </summary>
internal enum PickleGlobal
{
    OrderedDict,
    RebuildTensor,
    RebuildTensorV2,
    RebuildParameter,

    /// <summary>
    /// The integer at the beginning of the legacy layout. It is not a global, and it is the only integer of more than 64 bits.
    /// </summary>
    LegacyMagic,
    FloatStorage,
    HalfStorage,
    BFloat16Storage,
    DoubleStorage,
    LongStorage,
    IntStorage,
    ShortStorage,
    CharStorage,
    ByteStorage,
    BoolStorage,
}

/// <summary>Names of the globals and the element types of the storages among them.</summary>
internal static class PickleGlobals
{
    public static PickleGlobal? Find(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => PickleGlobal.OrderedDict,
        ("torch._utils", "_rebuild_tensor") => PickleGlobal.RebuildTensor,
        ("torch._utils", "_rebuild_tensor_v2") => PickleGlobal.RebuildTensorV2,
        ("torch._utils", "_rebuild_parameter") => PickleGlobal.RebuildParameter,
        ("torch", "FloatStorage") => PickleGlobal.FloatStorage,
        ("torch", "HalfStorage") => PickleGlobal.HalfStorage,
        ("torch", "BFloat16Storage") => PickleGlobal.BFloat16Storage,
        ("torch", "DoubleStorage") => PickleGlobal.DoubleStorage,
        ("torch", "LongStorage") => PickleGlobal.LongStorage,
        ("torch", "IntStorage") => PickleGlobal.IntStorage,
        ("torch", "ShortStorage") => PickleGlobal.ShortStorage,
        ("torch", "CharStorage") => PickleGlobal.CharStorage,
        ("torch", "ByteStorage") => PickleGlobal.ByteStorage,
        ("torch", "BoolStorage") => PickleGlobal.BoolStorage,
        _ => null,
    };

    public static TensorType? ElementType(PickleGlobal global) => global switch
    {
        PickleGlobal.FloatStorage => TensorType.Float32,
        PickleGlobal.HalfStorage => TensorType.Float16,
        PickleGlobal.BFloat16Storage => TensorType.BFloat16,
        PickleGlobal.DoubleStorage => TensorType.Float64,
        PickleGlobal.LongStorage => TensorType.Int64,
        PickleGlobal.IntStorage => TensorType.Int32,
        PickleGlobal.ShortStorage => TensorType.Int16,
        PickleGlobal.CharStorage => TensorType.Int8,
        PickleGlobal.ByteStorage => TensorType.UInt8,
        PickleGlobal.BoolStorage => TensorType.Bool,
        _ => null,
    };
}

/// <summary>A dict or OrderedDict with its items in their original order.</summary>
internal sealed class PickleDictionary(bool isOrdered)
{
    private List<(object? Key, object? Value)>? _items;

    public bool IsOrdered => isOrdered;

    public IReadOnlyList<(object? Key, object? Value)> Items => _items ?? (IReadOnlyList<(object? Key, object? Value)>)[];

    public void Add(object? key, object? value) => (_items ??= []).Add((key, value));
}

/// <summary>A block of elements, which one or several tensors are views of.</summary>
/// <param name="Key">The name in the archive.</param>
/// <param name="Type">The type of the elements.</param>
/// <param name="Count">The number of elements; not negative.</param>
internal sealed record PickleStorage(string Key, TensorType Type, long Count)
{
    /// <summary>The number of bytes of the elements. It cannot overflow, because the count was checked.</summary>
    public long ByteCount => Count * TensorTypes.SizeOf(Type);
}

/// <summary>A tensor: a view of a storage, which was checked to be inside the storage.</summary>
/// <param name="Storage">The storage of its elements.</param>
/// <param name="Offset">The index of the first element.</param>
/// <param name="Shape">The sizes, outermost first.</param>
/// <param name="Strides">For each dimension, the number of elements from one index to the next.</param>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Strides)
{
    public long ElementCount => Shape.Aggregate(1L, (count, size) => count * size);

    /// <summary>Whether the elements are contiguous, in row-major order.</summary>
    public bool IsContiguous
    {
        get
        {
            if (ElementCount == 0) return true;
            long expected = 1;
            for (var i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected) return false;
                expected *= Shape[i];
            }

            return true;
        }
    }
}
