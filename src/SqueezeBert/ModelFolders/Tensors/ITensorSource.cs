using System.Collections.Immutable;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Checkpoints;

/// <summary>What a checkpoint says of a tensor before its elements are read.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Type">Type of the stored elements.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar. None is negative.</param>
/// <param name="ByteCount">Bytes of the stored elements.</param>
public sealed record TensorInfo(string Name, TensorType Type, ImmutableArray<long> Shape, long ByteCount)
{
    /// <summary>Number of elements: the product of the sizes.</summary>
    public long ElementCount => ByteCount / TensorTypes.SizeOf(Type);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Shape)}]";
}

/// <summary>Named tensors of a checkpoint. Reading is thread-safe; <see cref="IDisposable.Dispose"/> is not.</summary>
public interface ITensorSource : IDisposable
{
    /// <summary>The tensors' names, in the order of the file.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Looks a tensor up by its exact name.</summary>
    bool TryGetTensor(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TensorInfo? info);

    /// <summary>Reads all elements in row-major order, converted to float32. Integers and float64 are rounded to the nearest.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="destination">Exactly <see cref="TensorInfo.ElementCount"/> elements.</param>
    /// <exception cref="ArgumentException">There is no such tensor, or the destination has another length.</exception>
    /// <exception cref="InvalidModelFileException">The file cannot be read.</exception>
    void ReadFloats(string name, Span<float> destination);

    /// <summary>Reads all elements of a tensor of integers or booleans in row-major order.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="destination">Exactly <see cref="TensorInfo.ElementCount"/> elements.</param>
    /// <exception cref="ArgumentException">There is no such tensor, it holds floating-point values, or the destination has another
    /// length.</exception>
    /// <exception cref="InvalidModelFileException">The file cannot be read.</exception>
    void ReadInt64s(string name, Span<long> destination);
}
