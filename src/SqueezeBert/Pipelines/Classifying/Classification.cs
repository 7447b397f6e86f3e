namespace SqueezeBert;

/// <summary>A label and how strongly it was chosen.</summary>
public readonly record struct LabelScore
{
    /// <summary>Name from the model's id2label.</summary>
    public required string Label { get; init; }

    /// <summary>A probability in 0..1; for a regression model the value itself.</summary>
    public required float Score { get; init; }

    /// <summary>Takes it apart.</summary>
    public void Deconstruct(out string label, out float score) => (label, score) = (Label, Score);
}

/// <summary>The answer of a <see cref="TextClassifier"/> for one text: all labels with their scores, the best one first.</summary>
public sealed class Classification
{
    /// <summary>Labels up to which they are put in order one by one.</summary>
    private const int MaxInserted = 16;

    /// <summary>The label with the highest score.</summary>
    public string Label => Labels[0].Label;

    /// <summary>The score of <see cref="Label"/>: a probability in 0..1; for a regression model the value itself.</summary>
    public float Score => Labels[0].Score;

    /// <summary>
    /// Every label, highest score first; equal scores in the order of the ids. Single label: the scores add up to one. Multi label: each
    /// stands alone.
    /// </summary>
    public required IReadOnlyList<LabelScore> Labels { get; init; }

    /// <summary>What was read of the text, or of the two texts of a pair.</summary>
    public required ReadInfo Read { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Label} ({Score:0.000})");

    /// <summary>Orders labels by their scores.</summary>
    internal static Classification Of(IReadOnlyList<string> labels, ReadOnlySpan<float> scores, in ReadInfo read)
    {
        var order = new LabelScore[scores.Length];
        if (order.Length > MaxInserted)
        {
            for (var i = 0; i < order.Length; i++) order[i] = new LabelScore { Label = labels[i], Score = scores[i] };
            return new Classification { Labels = [.. order.OrderByDescending(label => label.Score)], Read = read };
        }

        for (var i = 0; i < order.Length; i++)
        {
            // NaN comes last, as by the sorting of many.
            var place = i;
            for (; place > 0 && scores[i].CompareTo(order[place - 1].Score) > 0; place--) order[place] = order[place - 1];
            order[place] = new LabelScore { Label = labels[i], Score = scores[i] };
        }

        return new Classification { Labels = order.AsReadOnly(), Read = read };
    }
}
