using SqueezeBert.Inference;

namespace SqueezeBert.Onnx.Tests;

/// <summary>Token ids with a mask, as both engines are called, and what each makes of them.</summary>
/// <param name="Shape">[texts, tokens], or [questions, choices, tokens].</param>
/// <param name="Ids">Token ids.</param>
/// <param name="Mask">1 for tokens, 0 for padding at the end.</param>
/// <param name="Types">Token types.</param>
internal sealed record ModelBatch(int[] Shape, long[] Ids, long[] Mask, long[] Types)
{
    public int Length => Shape[^1];

    public int Texts => Ids.Length / Length;

    /// <summary>Texts of different lengths; the first is as long as the batch.</summary>
    public static ModelBatch Of(int seed, params int[] shape)
    {
        var random = new Random(seed);
        var (length, count) = (shape[^1], shape.Aggregate((a, b) => a * b));
        long[] ids = new long[count], mask = new long[count], types = new long[count];
        for (var text = 0; text < count / length; text++)
        {
            var tokens = text == 0 ? length : 1 + (text * 5 % length);
            for (var i = 0; i < length; i++)
            {
                var at = (text * length) + i;
                mask[at] = i < tokens ? 1 : 0;
                ids[at] = i < tokens ? random.Next(1, SmallModel.Vocabulary) : 0;
                types[at] = i < tokens && i * 2 >= tokens ? 1 : 0;
            }
        }

        return new ModelBatch(shape, ids, mask, types);
    }

    /// <summary>Batches of other sizes, one with a text of one token.</summary>
    public static IEnumerable<ModelBatch> Several(bool hasChoices) => hasChoices
        ? [Of(1, 2, 3, 9), Of(2, 1, 2, 4)]
        : [Of(1, 4, 11), Of(2, 1, 1), Of(3, 2, SmallModel.Length), Of(4, 3, 7)];

    public IReadOnlyDictionary<string, float[]> Ours(Engine engine, IReadOnlyList<string> outputs) =>
        PaddedForward.Run(engine, Shape, Ids, Mask, Types, outputs).ToDictionary(output => output.Name, output => output.Values);

    /// <summary>What must be equal: values of padding are left out, which have no meaning.</summary>
    public float[] Kept(float[] values, bool isByToken)
    {
        if (!isByToken) return values;
        var width = values.Length / Ids.Length;
        return [.. Enumerable.Range(0, Ids.Length).Where(token => Mask[token] == 1)
            .SelectMany(token => values.Skip(token * width).Take(width))];
    }

    /// <summary>Fails where a value differs by more than 1e-4 of the largest.</summary>
    public static void Near(IReadOnlyList<float> expected, IReadOnlyList<float> actual, string what)
    {
        Assert.Equal(expected.Count, actual.Count);
        var largest = expected.Max(Math.Abs);
        var worst = expected.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(largest > 0 && worst <= 1e-4f * largest, $"{what}: off by {worst} where the largest value is {largest}");
    }
}
