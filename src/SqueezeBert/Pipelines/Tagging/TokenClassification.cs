namespace SqueezeBert;

/// <summary>A part of a text and what it is.</summary>
/// <param name="Label">The kind ("PER"), or the whole label of a token with <see cref="EntityAggregation.None"/> ("B-PER"); from the
/// model's id2label.</param>
/// <param name="Text">text[Start..End].</param>
/// <param name="Start">The first UTF-16 code unit in the text.</param>
/// <param name="End">One after the last.</param>
/// <param name="Score">0..1: the probability of the label; of several tokens or words, the mean.</param>
public readonly record struct Entity(string Label, string Text, int Start, int End, float Score);

/// <summary>What a model finds in one text.</summary>
public sealed class TokenClassification
{
    internal TokenClassification(IReadOnlyList<Entity> entities, bool isTruncated, int tokenCount, int windowCount)
    {
        Entities = entities;
        IsTruncated = isTruncated;
        TokenCount = tokenCount;
        WindowCount = windowCount;
    }

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<Entity> Entities { get; }

    /// <summary>Whether the end of the text was cut off because it has more tokens than the classifier reads.</summary>
    public bool IsTruncated { get; }

    /// <summary>Tokens of the text that have a label, without special tokens.</summary>
    public int TokenCount { get; }

    /// <summary>Windows that the text was read in.</summary>
    public int WindowCount { get; }
}
