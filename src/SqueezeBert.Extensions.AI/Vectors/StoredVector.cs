namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>A vector of a record or a query: its own array, and what every comparison needs of it.</summary>
internal sealed class StoredVector
{
    /// <exception cref="ArgumentException">It has other components than the property says, or one that is no finite number.</exception>
    public StoredVector(ReadOnlySpan<float> values, VectorProperty property)
    {
        if (values.Length != property.Dimensions)
        {
            throw new ArgumentException(
                $"{property.Name} has {property.Dimensions} dimensions, a vector {values.Length} components", nameof(values));
        }

        foreach (var value in values)
        {
            if (!float.IsFinite(value)) throw new ArgumentException($"{property.Name}: a component is {value}", nameof(values));
        }

        Values = values.ToArray();
        SquaredLength = DistanceMeasure.Dot(Values, Values);
    }

    public float[] Values { get; }

    public double SquaredLength { get; }
}
