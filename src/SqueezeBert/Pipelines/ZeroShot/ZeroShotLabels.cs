namespace SqueezeBert;

/// <summary>
/// Candidate labels made ready for one <see cref="ZeroShotClassifier"/>: their hypotheses as tokens. Immutable, safe for any number of
/// threads.
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

    /// <summary>Whether several labels may be true of a text at once.</summary>
    public bool IsMultiLabel { get; }

    internal int[][] Hypotheses { get; }

    /// <summary>Its tokens.</summary>
    internal int LongestHypothesis { get; }

    /// <summary>Its tokens.</summary>
    internal int ShortestHypothesis { get; }

    /// <summary>Ids mean nothing to another tokenizer.</summary>
    internal object Owner { get; }
}
