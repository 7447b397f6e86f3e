using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Pipelines.Embedding;

/// <summary>A text's hidden states to one vector, as the pooling module of sentence-transformers.</summary>
internal static class TokenPooling
{
    /// <param name="pooling">How.</param>
    /// <param name="hidden">[tokens, width].</param>
    /// <param name="skipped">First tokens that take no part: [CLS] and those of a prompt. <see cref="SentencePooling.Cls"/> knows nothing
    /// of it.</param>
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

    /// <summary>Divides by the length; a vector without any stays as it is.</summary>
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
