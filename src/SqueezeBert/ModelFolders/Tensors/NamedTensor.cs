using System.Collections.Immutable;

namespace SqueezeBert.Checkpoints;

/// <summary>A tensor of float32 values that is to be saved.</summary>
/// <param name="Name">The name in the file; neither empty nor "__metadata__".</param>
/// <param name="Shape">The sizes, outermost first. Empty for a scalar.</param>
/// <param name="Data">The elements, in row-major order. Their number must be the product of the sizes. They are not copied.</param>
public sealed record NamedTensor(string Name, ImmutableArray<long> Shape, ReadOnlyMemory<float> Data)
{
    /// <summary>Whether the elements are whole numbers that are saved as integers, whatever the type of the other tensors is.</summary>
    internal bool IsInteger { get; init; }

    /// <summary>Creates a tensor from sizes of type <see cref="int"/>.</summary>
    /// <param name="name">The name in the file; neither empty nor "__metadata__".</param>
    /// <param name="shape">The sizes, outermost first. Empty for a scalar.</param>
    /// <param name="data">The elements, in row-major order. Their number must be the product of the sizes. They are not copied.</param>
    public NamedTensor(string name, IEnumerable<int> shape, ReadOnlyMemory<float> data)
        : this(name, [.. shape.Select(size => (long)size)], data)
    {
    }
}
