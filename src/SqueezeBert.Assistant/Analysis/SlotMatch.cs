namespace SqueezeBert.Assistant;

/// <summary>What found a slot.</summary>
public enum SlotSource
{
    /// <summary>The tags that the model assigned to the words.</summary>
    Model,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>A regular expression.</summary>
    Pattern,
}

/// <summary>A part of a text that fills a slot.</summary>
public sealed record SlotMatch
{
    /// <summary>The name of the slot: its entity, followed by a dot and a role if it has one ("city.from").</summary>
    public required string Slot { get; init; }

    /// <summary>The text of the slot: text[<see cref="Start"/>..<see cref="End"/>].</summary>
    public required string Text { get; init; }

    /// <summary>The index of its first UTF-16 code unit in the text.</summary>
    public required int Start { get; init; }

    /// <summary>The index after its last UTF-16 code unit in the text.</summary>
    public required int End { get; init; }

    /// <summary>
    /// The probability that the words belong to this slot, 0 to 1, as a mean over the words. It is 1 for lists and patterns.
    /// </summary>
    public required float Confidence { get; init; }

    /// <summary>
    /// The difference between this probability and that of the next kind of slot, or of no slot; -1 to 1, as a mean over the words.
    /// </summary>
    public required float Margin { get; init; }

    /// <summary>What found the slot.</summary>
    public required SlotSource Source { get; init; }

    /// <summary>The value that the words express, or null if they are not of the slot's kind.</summary>
    public SlotValue? Value { get; init; }
}
