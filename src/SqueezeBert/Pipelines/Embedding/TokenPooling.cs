using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Pipelines.Embedding;

/// <summary>Combines the hidden states of a text into one vector, like the pooling module of sentence-transformers.</summary>
internal static class TokenPooling
{
    /// <param name="pooling">The pooling.</param>
    /// <param name="hidden">[tokens, width].</param>
    /// <param name="skipped">
    /// The number of first tokens that are excluded: [CLS] and those of a prompt. <see cref="SentencePooling.Cls"/> ignores it.
    /// </param>
    /// <param name="vector">[width].</param>
    public static void Apply(SentencePooling pooling, ReadOnlySpan<float> hidden, int skipped, Span<float> vector)
    {
        var width = vector.Length;
        var tokens = hidden.Length / width;
        skipped = Math.Min(skipped, tokens - 1);
        switch (pooling)
        {
            case SentencePooling.Cls:
                hidden[..width].CopyTo(vector);
                break;
            case SentencePooling.LastToken:
                hidden[^width..].CopyTo(vector);
                break;
            case SentencePooling.Max:
                hidden.Slice(skipped * width, width).CopyTo(vector);
                for (var token = skipped + 1; token < tokens; token++)
                {
                    var row = hidden.Slice(token * width, width);
                    for (var i = 0; i < width; i++) vector[i] = MathF.Max(vector[i], row[i]);
                }

                break;
            default:
                Sum(pooling, hidden, skipped, tokens, vector);
                break;
        }
    }

    /// <summary>Divides a vector by its length. A vector of length zero is not changed.</summary>
    public static unsafe void Normalize(Span<float> vector)
    {
        fixed (float* x = vector) UnitLength.Forward(x, x, vector.Length);
    }

    private static void Sum(SentencePooling pooling, ReadOnlySpan<float> hidden, int skipped, int tokens, Span<float> vector)
    {
        vector.Clear();
        var weights = 0f;
        for (var token = skipped; token < tokens; token++)
        {
            var weight = pooling == SentencePooling.WeightedMean ? token + 1f : 1f;
            weights += weight;
            var row = hidden.Slice(token * vector.Length, vector.Length);
            for (var i = 0; i < vector.Length; i++) vector[i] += weight * row[i];
        }

        var divisor = pooling == SentencePooling.MeanSqrtLength ? MathF.Sqrt(weights) : weights;
        foreach (ref var value in vector) value /= divisor;
    }
}
