using SqueezeBert.Checkpoints;

namespace SqueezeBert.Pipelines.Classifying;

/// <summary>
/// Converts logits to scores: a softmax for a single label, a sigmoid for each of several labels, and the value itself for regression.
/// </summary>
internal static class ClassificationScores
{
    /// <summary>
    /// Converts logits [labels] in place. The computation uses float64, because there are few values and the result does not depend on the
    /// machine.
    /// </summary>
    /// <param name="logits">The logits, which are replaced by the scores.</param>
    /// <param name="problem">How the logits are interpreted.</param>
    /// <param name="temperature">The number that logits are divided by first, except for regression.</param>
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
    /// Converts scores back to logits in place, for a loss of averaged scores. A score of zero or one is replaced by the nearest float32
    /// number that differs from it.
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
    /// Returns how the logits of a configuration are interpreted, as in transformers' text classification: as the file says, otherwise by
    /// the number of labels. A single label has a sigmoid unless the file says that it is a regression, because the softmax of one number
    /// is always 1.
    /// </summary>
    public static ProblemType ProblemOf(ModelConfiguration configuration) => configuration.ProblemType switch
    {
        ProblemType.Regression => ProblemType.Regression,
        ProblemType.MultiLabelClassification => ProblemType.MultiLabelClassification,
        _ => configuration.Labels.Count == 1 ? ProblemType.MultiLabelClassification : ProblemType.SingleLabelClassification,
    };

    /// <summary>Computes the softmax in place, in float64.</summary>
    public static void Softmax(Span<float> logits)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp((double)logit - max);
        foreach (ref var logit in logits) logit = (float)(Math.Exp((double)logit - max) / sum);
    }
}
