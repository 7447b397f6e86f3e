using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>A vector of records: given, or made of a text by an embedding generator.</summary>
internal sealed record VectorProperty : RecordProperty
{
    /// <exception cref="NotSupportedException">Type, index or distance function are not for exact search in memory.</exception>
    /// <exception cref="InvalidOperationException">It is a text, and nothing makes a vector of it.</exception>
    public VectorProperty(RecordProperty property, int dimensions, string? indexKind, string? distance, IEmbeddingGenerator? generator)
        : base(property)
    {
        if (indexKind is not (null or IndexKind.Flat))
        {
            throw new NotSupportedException(
                $"{Name}: the search is exact, so the index is '{IndexKind.Flat}' or not said, not '{indexKind}'");
        }

        Dimensions = dimensions;
        Measure = new DistanceMeasure(distance, Name);
        Generator = generator as IEmbeddingGenerator<string, Embedding<float>>;
        IsText = Type == typeof(string);
        if (IsText && Generator is null)
        {
            throw new InvalidOperationException(
                $"{Name} is a text: set an embedding generator of Embedding<float> for the property, the definition, the collection or " +
                    "the store");
        }

        if (!IsText && Type != typeof(ReadOnlyMemory<float>) && Type != typeof(ReadOnlyMemory<float>?) && Type != typeof(float[]) &&
            Type != typeof(Embedding<float>))
        {
            throw new NotSupportedException(
                $"{Name} is of type {Type}; a vector is ReadOnlyMemory<float>, float[], Embedding<float>, or a string that is embedded");
        }
    }

    public int Dimensions { get; }

    public DistanceMeasure Measure { get; }

    public IEmbeddingGenerator<string, Embedding<float>>? Generator { get; }

    /// <summary>Whether records hold a text in the place of the vector.</summary>
    public bool IsText { get; }

    /// <summary>The vector that a value is; null for no vector.</summary>
    /// <exception cref="NotSupportedException">It is none.</exception>
    public StoredVector? VectorOf(object? value) => value switch
    {
        null => null,
        ReadOnlyMemory<float> { IsEmpty: true } => null,
        ReadOnlyMemory<float> memory => new StoredVector(memory.Span, this),
        float[] array => new StoredVector(array, this),
        Embedding<float> embedding => new StoredVector(embedding.Vector.Span, this),
        _ => throw new NotSupportedException(
            $"{Name}: a {value.GetType()} is no vector; there are ReadOnlyMemory<float>, float[] and Embedding<float>"),
    };

    /// <summary>A vector as the property's type, in an array of its own.</summary>
    public object ValueOf(StoredVector vector)
    {
        var copy = vector.Values.AsSpan().ToArray();
        if (Type == typeof(float[])) return copy;
        return Type == typeof(Embedding<float>) ? new Embedding<float>(copy) : new ReadOnlyMemory<float>(copy);
    }
}
