using SqueezeBert.Checkpoints;

namespace SqueezeBert.Pipelines.Classifying;

/// <summary>From logits to scores: softmax for a single label, a sigmoid each for several, the value itself for a regression.</summary>
internal static class ClassificationScores
{
    /// <summary>In place; [labels]. In float64: a handful of values, and no difference between machines.</summary>
    /// <param name="logits">Logits, which become scores.</param>
    /// <param name="problem">What they mean.</param>
    /// <param name="temperature">What they are divided by first; a regression's values are not.</param>
    public static void Apply(Span<float> logits, ProblemType problem, double temperature = 1)
    {
        if (temperature != 1 && problem != ProblemType.Regression)
        {
            foreach (ref var logit in logits) logit = (float)(logit / temperature);
        }

        switch (problem)
        {
            case ProblemType.Regression:
                break;
            case ProblemType.MultiLabelClassification:
                foreach (ref var logit in logits) logit = (float)(1 / (1 + Math.Exp(-(double)logit)));
                break;
            default:
                Softmax(logits);
                break;
        }
    }

    /// <summary>
    /// The way back, in place: logits whose scores these are, for a loss of scores that were averaged. A score of zero or one is taken for
    /// the nearest that float32 tells from it.
    /// </summary>
    public static void ToLogits(Span<float> scores, ProblemType problem)
    {
        const double MinScore = float.Epsilon, MinRest = 1.0 / (1 << 25);
        switch (problem)
        {
            case ProblemType.Regression:
                break;
            case ProblemType.MultiLabelClassification:
                foreach (ref var score in scores)
                    score = (float)(Math.Log(Math.Max(score, MinScore)) - Math.Log(Math.Max(1.0 - score, MinRest)));
                break;
            default:
                foreach (ref var score in scores) score = (float)Math.Log(Math.Max(score, MinScore));
                break;
        }
    }

    /// <summary>
    /// The problem that a configuration stands for, as transformers' text classification decides it: as written, else by the number of
    /// labels. One label has a sigmoid unless the file says that it is a regression: a softmax of one number is always 1.
    /// </summary>
    public static ProblemType ProblemOf(ModelConfiguration configuration) => configuration.ProblemType switch
    {
        ProblemType.Regression => ProblemType.Regression,
        ProblemType.MultiLabelClassification => ProblemType.MultiLabelClassification,
        _ => configuration.Labels.Count == 1 ? ProblemType.MultiLabelClassification : ProblemType.SingleLabelClassification,
    };

    /// <summary>In place, in float64.</summary>
    public static void Softmax(Span<float> logits)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp((double)logit - max);
        foreach (ref var logit in logits) logit = (float)(Math.Exp((double)logit - max) / sum);
    }
}
