namespace SqueezeBert;

/// <summary>
/// A single text, or two texts that are read together, such as a premise and a hypothesis. A string converts to a single text.
/// </summary>
/// <param name="Text">The first text.</param>
/// <param name="Pair">The second text, or null for a single text.</param>
public readonly record struct TextPair(string Text, string? Pair = null)
{
    /// <summary>Converts a string to a single text.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator TextPair(string text) => new(text);

    /// <summary>Converts a tuple to a pair of texts.</summary>
    /// <param name="texts">The first and the second text.</param>
    public static implicit operator TextPair((string Text, string? Pair) texts) => new(texts.Text, texts.Pair);
}
