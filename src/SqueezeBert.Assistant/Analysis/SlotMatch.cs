namespace SqueezeBert.Assistant;

/// <summary>What found a slot.</summary>
public enum SlotSource
{
    /// <summary>The model's tags of the words.</summary>
    Model,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>A regular expression.</summary>
    Pattern,
}

/// <summary>A part of a text that fills a slot.</summary>
public sealed record SlotMatch
{
    /// <summary>The slot: its entity, with a role behind a dot where it has one ("city.from").</summary>
    public required string Slot { get; init; }

    /// <summary>The words: text[<see cref="Start"/>..<see cref="End"/>].</summary>
    public required string Text { get; init; }

    /// <summary>The first UTF-16 code unit in the text.</summary>
    public required int Start { get; init; }

    /// <summary>One after the last.</summary>
    public required int End { get; init; }

    /// <summary>The probability that the words are of this slot, 0..1, a mean over the words; 1 of lists and patterns.</summary>
    public required float Confidence { get; init; }

    /// <summary>How far it is before the next kind of slot, or none, -1..1, a mean over the words.</summary>
    public required float Margin { get; init; }

    /// <summary>What found it.</summary>
    public required SlotSource Source { get; init; }

    /// <summary>What the words mean; null where they are not of the slot's kind.</summary>
    public SlotValue? Value { get; init; }
}
