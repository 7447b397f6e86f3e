using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>
/// Writes the pooling of hidden states to one vector per text, like the pooling module of sentence-transformers. Padding is ignored.
/// </summary>
internal static class PoolingWriter
{
    /// <summary>The smallest divisor, as in sentence-transformers. A text without tokens has the vector zero.</summary>
    private const float LeastDivisor = 1e-9f;

    private const float LeastLength = 1e-12f;

    /// <summary>A number below all hidden states.</summary>
    private const float Lowest = -1e9f;

    /// <param name="file">The file that is written.</param>
    /// <param name="pooling">The pooling.</param>
    /// <param name="hidden">[texts, tokens, channels].</param>
    /// <param name="mask">int64 [texts, tokens].</param>
    /// <returns>[texts, channels].</returns>
    public static string Pool(OnnxFile file, SentencePooling pooling, string hidden, string mask)
    {
        switch (pooling)
        {
            case SentencePooling.Cls:
                return file.Add("Gather", [hidden, file.Index(0)], ("axis", 1L));
            case SentencePooling.Max:
                var isPadding = file.Add("Not", [file.Cast(file.Unsqueeze(mask, 2), OnnxTensor.Bool)]);
                return file.Reduce("ReduceMax", file.Add("Where", [isPadding, file.Scalar(Lowest), hidden]), 1, keepsAxis: false);
            case SentencePooling.LastToken:
                return Sum(file, hidden, file.Add("Mul", [Numbers(file, IsLast(file, mask)), Numbers(file, mask)]));
            default:
                // A token's position counts from 1, padding left out.
                var weights = pooling == SentencePooling.WeightedMean
                    ? file.Add("Mul", [Numbers(file, Counted(file, mask)), Numbers(file, mask)]) : Numbers(file, mask);
                var total = file.Add("Clip", [file.Reduce("ReduceSum", weights, 1, keepsAxis: true), file.Scalar(LeastDivisor)]);
                var divisor = pooling == SentencePooling.MeanSqrtLength ? file.Add("Sqrt", [total]) : total;
                return file.Add("Div", [Sum(file, hidden, weights), divisor]);
        }
    }

    /// <summary>Divides by the length. A row of zeros is kept.</summary>
    public static string Normalize(OnnxFile file, string x) => file.Add("Div",
        [x, file.Add("Clip", [file.Reduce("ReduceL2", x, -1, keepsAxis: true), file.Scalar(LeastLength)])]);

    /// <summary>Returns the weighted sum over the tokens.</summary>
    private static string Sum(OnnxFile file, string hidden, string weights) =>
        file.Reduce("ReduceSum", file.Add("Mul", [hidden, file.Unsqueeze(weights, 2)]), 1, keepsAxis: false);

    private static string Numbers(OnnxFile file, string mask) => file.Cast(mask, OnnxTensor.Float);

    /// <summary>Returns 1, 2, 3, … for the tokens of each text.</summary>
    private static string Counted(OnnxFile file, string mask) => file.Add("CumSum", [mask, file.Index(1)]);

    /// <summary>Returns whether each position is the last token of its text or after it.</summary>
    private static string IsLast(OnnxFile file, string mask) =>
        file.Add("Equal", [Counted(file, mask), file.Reduce("ReduceSum", mask, 1, keepsAxis: true)]);
}
