namespace SqueezeBert;

/// <summary>A token and its probability.</summary>
public readonly record struct TokenScore
{
    /// <summary>As the vocabulary spells it: "##ing" continues a word.</summary>
    public required string Token { get; init; }

    /// <summary>Its id.</summary>
    public required int Id { get; init; }

    /// <summary>Probability in 0..1 over the whole vocabulary.</summary>
    public required float Score { get; init; }
}

/// <summary>The tokens that a model suggests for one mask.</summary>
public sealed record FilledMask
{
    /// <summary>The mask's first UTF-16 code unit in the text.</summary>
    public required int Start { get; init; }

    /// <summary>One after its last.</summary>
    public required int End { get; init; }

    /// <summary>The best tokens, or all targets; highest score first, of equal scores the lower id.</summary>
    public required IReadOnlyList<TokenScore> Tokens { get; init; }
}

/// <summary>A text whose masks a model has filled. Each mask is filled by itself while the others stay masked.</summary>
public sealed class MaskFilling
{
    /// <summary>The text with the best token in the place of each mask; a token that continues a word is joined to it.</summary>
    public required string Text { get; init; }

    /// <summary>The masks that were read, in their order.</summary>
    public required IReadOnlyList<FilledMask> Masks { get; init; }

    /// <summary>What was read of the text; windows without a mask do not count.</summary>
    public required ReadInfo Read { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
