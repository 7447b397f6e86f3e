namespace SqueezeBert;

/// <summary>A label with its score.</summary>
public readonly record struct LabelScore
{
    /// <summary>The name of the label, from the model's id2label.</summary>
    public required string Label { get; init; }

    /// <summary>The probability of the label, 0 to 1. For a regression model it is the predicted value.</summary>
    public required float Score { get; init; }

    /// <summary>Splits the pair into label and score.</summary>
    /// <param name="label">Receives the name of the label.</param>
    /// <param name="score">Receives the score.</param>
    public void Deconstruct(out string label, out float score) => (label, score) = (Label, Score);
}

/// <summary>The result of a <see cref="TextClassifier"/> for one text: all labels with their scores, best first.</summary>
public sealed class Classification
{
    /// <summary>The largest number of labels that are sorted by insertion.</summary>
    private const int MaxInserted = 16;

    /// <summary>The label with the highest score.</summary>
    public string Label => Labels[0].Label;

    /// <summary>The score of <see cref="Label"/>: a probability from 0 to 1, or the predicted value of a regression model.</summary>
    public float Score => Labels[0].Score;

    /// <summary>
    /// All labels, highest score first. Labels with equal scores are in the order of their ids. For a single-label model the scores add up
    /// to 1. For a multi-label model each score is independent.
    /// </summary>
    public required IReadOnlyList<LabelScore> Labels { get; init; }

    /// <summary>How much was read of the text, or of both texts of a pair.</summary>
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
