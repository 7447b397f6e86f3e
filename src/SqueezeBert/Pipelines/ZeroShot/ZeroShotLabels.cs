namespace SqueezeBert;

/// <summary>
/// Candidate labels that are prepared for one <see cref="ZeroShotClassifier"/>: their hypotheses are already tokenized. Immutable and
/// thread-safe.
/// </summary>
public sealed class ZeroShotLabels
{
    internal ZeroShotLabels(IReadOnlyList<string> labels, bool isMultiLabel, int[][] hypotheses, object owner)
    {
        Labels = labels;
        IsMultiLabel = isMultiLabel;
        Hypotheses = hypotheses;
        LongestHypothesis = hypotheses.Max(hypothesis => hypothesis.Length);
        ShortestHypothesis = hypotheses.Min(hypothesis => hypothesis.Length);
        Owner = owner;
    }

    /// <summary>The labels, in the order of the scores.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Whether the labels are scored independently, so that several may apply to a text.</summary>
    public bool IsMultiLabel { get; }

    internal int[][] Hypotheses { get; }

    /// <summary>The number of tokens of the longest hypothesis.</summary>
    internal int LongestHypothesis { get; }

    /// <summary>The number of tokens of the shortest hypothesis.</summary>
    internal int ShortestHypothesis { get; }

    /// <summary>The classifier that prepared the labels. Token ids are valid only for its tokenizer.</summary>
    internal object Owner { get; }
}
