namespace SqueezeBert;

/// <summary>One of several choices, as a model weighs it against the others.</summary>
public readonly record struct ChoiceScore
{
    /// <summary>Its place among the choices, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The choice.</summary>
    public required string Text { get; init; }

    /// <summary>Probability in 0..1; those of all choices add up to one.</summary>
    public required float Score { get; init; }
}

/// <summary>The answer of a <see cref="ChoiceSelector"/>: all choices with their scores, the best one first.</summary>
public sealed class Choice
{
    /// <summary>The best choice.</summary>
    public ChoiceScore Best => Choices[0];

    /// <summary>All choices, highest score first; equal scores in their order.</summary>
    public required IReadOnlyList<ChoiceScore> Choices { get; init; }

    /// <summary>
    /// What was read of the pair of prompt and choice of which most was read; truncated where any pair was, and the windows of the one that
    /// has most of them.
    /// </summary>
    public required ReadInfo Read { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Best.Text} ({Best.Score:0.000})");
}
