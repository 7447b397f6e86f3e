namespace SqueezeBert;

/// <summary>A text with its relevance to a query.</summary>
public sealed class RankedText
{
    /// <summary>The index of the text in the list or sequence that was given, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>
    /// The relevance of the text. For a model with one label it is 0 to 1, unless the model's config.json says that the logit is the score.
    /// For a model with several labels it is the probability of the relevant label.
    /// </summary>
    public required float Score { get; init; }

    /// <summary>How much of the query and the text was read.</summary>
    public required ReadInfo Read { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Score:0.000} {Text}");
}
