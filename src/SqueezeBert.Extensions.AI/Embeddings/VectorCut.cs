namespace SqueezeBert.Extensions.AI.Embeddings;

/// <summary>The first components of a vector, for models that were trained for it (Matryoshka).</summary>
internal static class VectorCut
{
    /// <summary>
    /// A vector as it is, or its first components in an array of their own. In float64, term after term, so that it has the same bits
    /// everywhere.
    /// </summary>
    public static ReadOnlyMemory<float> Of(ReadOnlyMemory<float> vector, int? dimensions, bool normalize)
    {
        if (dimensions is not { } count || count == vector.Length) return vector;
        var cut = vector.Span[..count].ToArray();
        if (!normalize) return cut;
        var length = 0.0;
        foreach (var value in cut) length += (double)value * value;
        length = Math.Sqrt(length);
        if (length == 0) return cut;
        for (var i = 0; i < cut.Length; i++) cut[i] = (float)(cut[i] / length);
        return cut;
    }
}
