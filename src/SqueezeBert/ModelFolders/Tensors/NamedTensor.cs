using System.Collections.Immutable;

namespace SqueezeBert.Checkpoints;

/// <summary>A tensor of float32 values to be saved.</summary>
/// <param name="Name">Name in the file; not empty and not "__metadata__".</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Data">The elements in row-major order; as many as the product of the sizes. Not copied.</param>
public sealed record NamedTensor(string Name, ImmutableArray<long> Shape, ReadOnlyMemory<float> Data)
{
    /// <summary>Whether the elements are whole numbers and saved as such, whatever the type of the others.</summary>
    internal bool IsInteger { get; init; }

    /// <summary>The same with sizes as they come.</summary>
    public NamedTensor(string name, IEnumerable<int> shape, ReadOnlyMemory<float> data)
        : this(name, [.. shape.Select(size => (long)size)], data)
    {
    }
}
