namespace SqueezeBert;

/// <summary>A text and how well it answers a query.</summary>
public sealed class RankedText
{
    /// <summary>The text's place in the list or stream that was given.</summary>
    public required int Index { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>
    /// How relevant it is. Of a model with one label 0..1, unless the model's config.json says that its logit is the score; of one with
    /// several labels the probability of the relevant one.
    /// </summary>
    public required float Score { get; init; }

    /// <summary>What was read of the query and the text.</summary>
    public required ReadInfo Read { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Score:0.000} {Text}");
}
