namespace SqueezeBert;

/// <summary>A token with its probability.</summary>
public readonly record struct TokenScore
{
    /// <summary>The token, as the vocabulary spells it. "##ing" continues a word.</summary>
    public required string Token { get; init; }

    /// <summary>The token id.</summary>
    public required int Id { get; init; }

    /// <summary>The probability of the token over the whole vocabulary, 0 to 1.</summary>
    public required float Score { get; init; }
}

/// <summary>The tokens that a model predicts for one mask.</summary>
public sealed record FilledMask
{
    /// <summary>The index of the first UTF-16 code unit of the mask in the text.</summary>
    public required int Start { get; init; }

    /// <summary>The index after the last UTF-16 code unit of the mask in the text.</summary>
    public required int End { get; init; }

    /// <summary>The best tokens, or all targets, highest score first. Tokens with equal scores are in the order of their ids.</summary>
    public required IReadOnlyList<TokenScore> Tokens { get; init; }
}

/// <summary>The result of filling the masks of a text. Each mask is predicted while the other masks remain in place.</summary>
public sealed class MaskFilling
{
    /// <summary>The text with each mask replaced by its best token. A token that continues a word is attached to it.</summary>
    public required string Text { get; init; }

    /// <summary>The masks that were read, in the order of the text.</summary>
    public required IReadOnlyList<FilledMask> Masks { get; init; }

    /// <summary>How much of the text was read. Windows without a mask are not counted.</summary>
    public required ReadInfo Read { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
