namespace SqueezeBert;

/// <summary>A part of a text with its label.</summary>
public readonly record struct Entity
{
    /// <summary>
    /// The kind of entity ("PER"). With <see cref="EntityAggregation.None"/> it is the full label of the token ("B-PER"). The names come
    /// from the model's id2label.
    /// </summary>
    public required string Label { get; init; }

    /// <summary>The text of the entity: text[<see cref="Start"/>..<see cref="End"/>].</summary>
    public required string Text { get; init; }

    /// <summary>The index of its first UTF-16 code unit in the text.</summary>
    public required int Start { get; init; }

    /// <summary>The index after its last UTF-16 code unit in the text.</summary>
    public required int End { get; init; }

    /// <summary>The probability of the label, 0 to 1. For several tokens or words, it is their mean.</summary>
    public required float Score { get; init; }
}

/// <summary>The entities that a model finds in one text.</summary>
public sealed class TokenClassification
{
    /// <summary>The entities, in the order of the text.</summary>
    public required IReadOnlyList<Entity> Entities { get; init; }

    /// <summary>How much of the text was read.</summary>
    public required ReadInfo Read { get; init; }
}
