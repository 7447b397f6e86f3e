using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Benchmarks.Published;

/// <summary>
/// Our sentence vectors against those that ONNX Runtime's hidden states give, pooled here in double precision, text by text.
/// </summary>
internal static class VectorComparison
{
    /// <summary>Of a component of vectors of length one: some times what two orders of float32 sums differ by.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>The largest difference between two components.</summary>
    /// <exception cref="WrongResultException">It is beyond the tolerance.</exception>
    public static double Largest(TextEmbedder embedder, InferenceSession session, IReadOnlyList<string> texts)
    {
        using var theirs = new OnnxRuntimeEngine(session, HiddenState(session));
        double largest = 0;
        foreach (var text in texts)
        {
            var ours = embedder.Embed(text).Vector.Span;
            theirs.Prepare([[Encode(embedder.Tokenizer, text, embedder.MaxLength)]]);
            theirs.Run();
            var expected = Pool(theirs.LastResult(), ours.Length, embedder.Settings.Pooling);
            for (var i = 0; i < ours.Length; i++)
            {
                var difference = Math.Abs(ours[i] - expected[i]);
                if (!(difference <= Tolerance))
                {
                    throw new WrongResultException(string.Create(CultureInfo.InvariantCulture,
                        $"component {i} is {ours[i]} but {expected[i]} from ONNX Runtime for the text '{text}'"));
                }

                largest = Math.Max(largest, difference);
            }
        }

        return largest;
    }

    public static TokenText Encode(BertTokenizer tokenizer, string text, int maximumLength)
    {
        var encoding = tokenizer.Encode(text, new EncodingOptions { MaxLength = maximumLength, ReturnOffsets = false });
        return new TokenText(encoding.Ids.ToArray(), encoding.TypeIds.ToArray());
    }

    /// <summary>The output [texts, tokens, channels]; files call it by different names.</summary>
    public static string HiddenState(InferenceSession session) => session.OutputMetadata
        .First(output => output.Value.Dimensions.Length == 3).Key;

    private static double[] Pool(float[] hidden, int width, SentencePooling pooling)
    {
        var vector = new double[width];
        var tokens = pooling switch
        {
            SentencePooling.Mean => hidden.Length / width,
            SentencePooling.Cls => 1,
            _ => throw new ArgumentException($"the benchmark does not know the pooling {pooling}"),
        };
        for (var i = 0; i < tokens * width; i++) vector[i % width] += hidden[i];
        var length = Math.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }
}
