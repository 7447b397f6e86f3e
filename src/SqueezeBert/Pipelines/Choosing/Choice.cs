namespace SqueezeBert;

/// <summary>One of several choices with its score.</summary>
public readonly record struct ChoiceScore
{
    /// <summary>The index of the choice in the list that was given, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The text of the choice.</summary>
    public required string Text { get; init; }

    /// <summary>The probability of the choice, 0 to 1. The probabilities of all choices add up to 1.</summary>
    public required float Score { get; init; }
}

/// <summary>The result of a <see cref="ChoiceSelector"/>: all choices with their scores, best first.</summary>
public sealed class Choice
{
    /// <summary>The choice with the highest score.</summary>
    public ChoiceScore Best => Choices[0];

    /// <summary>All choices, highest score first. Choices with equal scores keep their order.</summary>
    public required IReadOnlyList<ChoiceScore> Choices { get; init; }

    /// <summary>
    /// How much was read of the pair of prompt and choice of which most was read. <see cref="ReadInfo.IsTruncated"/> is true if any pair
    /// was truncated, and <see cref="ReadInfo.WindowCount"/> is the largest of all pairs.
    /// </summary>
    public required ReadInfo Read { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Best.Text} ({Best.Score:0.000})");
}
