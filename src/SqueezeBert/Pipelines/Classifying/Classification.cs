using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert;

/// <summary>A label and how strongly it was chosen.</summary>
/// <param name="Label">Name from the model's id2label.</param>
/// <param name="Score">A probability in 0..1; for a regression model the value itself.</param>
public readonly record struct LabelScore(string Label, float Score);

/// <summary>What a classifier says of one text.</summary>
public sealed class Classification
{
    /// <summary>Labels up to which they are put in order one by one.</summary>
    private const int MaxInserted = 16;

    internal Classification(IReadOnlyList<LabelScore> labels, in ReadText read)
    {
        Labels = labels;
        IsTruncated = read.IsTruncated;
        TokenCount = read.TokenCount;
        WindowCount = read.WindowCount;
    }

    /// <summary>Orders labels by their scores.</summary>
    internal static Classification Of(IReadOnlyList<string> labels, ReadOnlySpan<float> scores, in ReadText read)
    {
        var order = new LabelScore[scores.Length];
        if (order.Length > MaxInserted)
        {
            for (var i = 0; i < order.Length; i++) order[i] = new LabelScore(labels[i], scores[i]);
            return new Classification([.. order.OrderByDescending(label => label.Score)], read);
        }

        for (var i = 0; i < order.Length; i++)
        {
            // NaN comes last, as by the sorting of many.
            var place = i;
            for (; place > 0 && scores[i].CompareTo(order[place - 1].Score) > 0; place--) order[place] = order[place - 1];
            order[place] = new LabelScore(labels[i], scores[i]);
        }

        return new Classification(order.AsReadOnly(), read);
    }

    /// <summary>The label with the highest score.</summary>
    public string Label => Labels[0].Label;

    /// <summary>The score of <see cref="Label"/>: a probability in 0..1; for a regression model the value itself.</summary>
    public float Score => Labels[0].Score;

    /// <summary>
    /// Every label, highest score first; equal scores in the order of the ids. Single label: the scores add up to one. Multi label: each
    /// stands alone.
    /// </summary>
    public IReadOnlyList<LabelScore> Labels { get; }

    /// <summary>
    /// Whether the end of the text, or of a text of a pair, was cut off because it has more tokens than the classifier reads.
    /// </summary>
    public bool IsTruncated { get; }

    /// <summary>Tokens that the classifier read, special tokens included.</summary>
    public int TokenCount { get; }

    /// <summary>Windows that the text was read in.</summary>
    public int WindowCount { get; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Label} ({Score:0.000})");
}
