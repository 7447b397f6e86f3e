namespace SqueezeBert;

/// <summary>A part of a text and what it is.</summary>
public readonly record struct Entity
{
    /// <summary>
    /// The kind ("PER"), or the whole label of a token with <see cref="EntityAggregation.None"/> ("B-PER"); from the model's id2label.
    /// </summary>
    public required string Label { get; init; }

    /// <summary>text[<see cref="Start"/>..<see cref="End"/>].</summary>
    public required string Text { get; init; }

    /// <summary>The first UTF-16 code unit in the text.</summary>
    public required int Start { get; init; }

    /// <summary>One after the last.</summary>
    public required int End { get; init; }

    /// <summary>0..1: the probability of the label; of several tokens or words, the mean.</summary>
    public required float Score { get; init; }
}

/// <summary>What a model finds in one text.</summary>
public sealed class TokenClassification
{
    /// <summary>In the order of the text.</summary>
    public required IReadOnlyList<Entity> Entities { get; init; }

    /// <summary>What was read of the text.</summary>
    public required ReadInfo Read { get; init; }
}
