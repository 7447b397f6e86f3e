using System.Collections.Immutable;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Checkpoints;

/// <summary>The description of a stored tensor. It is available before the elements are read.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Type">The type of the stored elements.</param>
/// <param name="Shape">The sizes, outermost first; none is negative. Empty for a scalar.</param>
/// <param name="ByteCount">The number of bytes of the stored elements.</param>
public sealed record TensorInfo(string Name, TensorType Type, ImmutableArray<long> Shape, long ByteCount)
{
    /// <summary>The number of elements, which is the product of the sizes.</summary>
    public long ElementCount => ByteCount / TensorTypes.SizeOf(Type);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Shape)}]";
}

/// <summary>The named tensors of a checkpoint. Reading is thread-safe; <see cref="IDisposable.Dispose"/> is not.</summary>
public interface ITensorSource : IDisposable
{
    /// <summary>The names of the tensors, in the order of the file.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Looks up a tensor by its exact name.</summary>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="info">Receives the description of the tensor, or null if there is none.</param>
    /// <returns>Whether the tensor was found.</returns>
    bool TryGetTensor(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TensorInfo? info);

    /// <summary>
    /// Reads all elements of a tensor in row-major order, converted to float32. Integers and float64 values are rounded to the nearest
    /// float32.
    /// </summary>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="destination">Receives the elements. Its length must be exactly <see cref="TensorInfo.ElementCount"/>.</param>
    /// <exception cref="ArgumentException">There is no such tensor, or the destination has another length.</exception>
    /// <exception cref="InvalidModelFileException">The file cannot be read.</exception>
    void ReadFloats(string name, Span<float> destination);

    /// <summary>Reads all elements of a tensor of integers or booleans in row-major order.</summary>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="destination">Receives the elements. Its length must be exactly <see cref="TensorInfo.ElementCount"/>.</param>
    /// <exception cref="ArgumentException">
    /// There is no such tensor, it contains floating-point values, or the destination has another length.
    /// </exception>
    /// <exception cref="InvalidModelFileException">The file cannot be read.</exception>
    void ReadInt64s(string name, Span<long> destination);
}
