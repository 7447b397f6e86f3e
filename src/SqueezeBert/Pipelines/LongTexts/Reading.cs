namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>How much of a text one call reads: <see cref="ReadingOptions"/> with all values in their places.</summary>
/// <param name="MaxLength">Tokens of a sequence at most, special tokens included.</param>
/// <param name="MaxCharacters">UTF-16 units of a text at most.</param>
/// <param name="LongText">What to do with a longer one.</param>
internal readonly record struct Reading(int MaxLength, int MaxCharacters, LongText LongText)
{
    public bool IsWindowed => LongText == LongText.Windows;

    /// <summary>A call's own values before these.</summary>
    /// <param name="options">Of a call or a pipeline; null: as these are.</param>
    /// <param name="shortest">The least that <see cref="MaxLength"/> may be: the special tokens and one of each text.</param>
    /// <param name="longest">The most: the model's positions.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public Reading With(ReadingOptions? options, int shortest, int longest)
    {
        if (options is null) return this;
        if (options.MaxLength is { } length)
        {
            if (length < shortest || length > longest)
            {
                throw new ArgumentOutOfRangeException(nameof(options.MaxLength), length,
                    $"MaxLength must be {shortest} to {longest}, the tokens that the task needs and that the model reads at once");
            }
        }

        if (options.MaxCharacters is { } characters)
            ArgumentOutOfRangeException.ThrowIfLessThan(characters, 1, nameof(options.MaxCharacters));
        if (options.LongText is { } longText && !Enum.IsDefined(longText))
            throw new ArgumentOutOfRangeException(nameof(options.LongText), longText, "There is no such way to read a long text.");
        return new(options.MaxLength ?? MaxLength, options.MaxCharacters ?? MaxCharacters, options.LongText ?? LongText);
    }

    /// <summary>The part of a text that may be looked at, which does not end between the two units of a character.</summary>
    public ReadOnlySpan<char> Cut(ReadOnlySpan<char> text)
    {
        if (text.Length <= MaxCharacters) return text;
        var end = MaxCharacters;
        if (char.IsHighSurrogate(text[end - 1]) && char.IsLowSurrogate(text[end])) end--;
        return text[..end];
    }
}
