namespace SqueezeBert;

/// <summary>A token and its probability.</summary>
/// <param name="Token">As the vocabulary spells it: "##ing" continues a word.</param>
/// <param name="Id">Its id.</param>
/// <param name="Score">Probability in 0..1 over the whole vocabulary.</param>
public readonly record struct TokenScore(string Token, int Id, float Score);

/// <summary>What may stand in the place of one mask.</summary>
/// <param name="Start">The mask's first UTF-16 code unit in the text.</param>
/// <param name="End">One after its last.</param>
/// <param name="Tokens">The best tokens, or all targets; highest score first, of equal scores the lower id.</param>
public sealed record FilledMask(int Start, int End, IReadOnlyList<TokenScore> Tokens);

/// <summary>A text whose masks a model has filled, each by itself while the others stay masked.</summary>
public sealed class MaskFilling
{
    internal MaskFilling(string text, IReadOnlyList<FilledMask> masks, bool isTruncated, int windowCount)
    {
        Text = text;
        Masks = masks;
        IsTruncated = isTruncated;
        WindowCount = windowCount;
    }

    /// <summary>The text with the best token in the place of each mask; a token that continues a word is joined to it.</summary>
    public string Text { get; }

    /// <summary>The masks that were read, in their order.</summary>
    public IReadOnlyList<FilledMask> Masks { get; }

    /// <summary>Whether the end of the text was cut off, with any mask in it.</summary>
    public bool IsTruncated { get; }

    /// <summary>Windows of the text that were read: those with a mask to fill.</summary>
    public int WindowCount { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
