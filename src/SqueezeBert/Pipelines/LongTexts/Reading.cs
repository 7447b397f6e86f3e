namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>How much of a text a call reads: <see cref="ReadingOptions"/> with all values set.</summary>
/// <param name="MaxLength">The largest number of tokens of a sequence, including special tokens.</param>
/// <param name="MaxCharacters">The largest number of UTF-16 code units of a text.</param>
/// <param name="LongText">What happens to longer texts.</param>
internal readonly record struct Reading(int MaxLength, int MaxCharacters, LongText LongText)
{
    public bool IsWindowed => LongText == LongText.Windows;

    /// <summary>Returns these values, replaced by those of a call.</summary>
    /// <param name="options">The options of a call or a pipeline. Null changes nothing.</param>
    /// <param name="shortest">The smallest <see cref="MaxLength"/>: the special tokens and one token of each text.</param>
    /// <param name="longest">The largest <see cref="MaxLength"/>: the positions of the model.</param>
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

    /// <summary>Returns the part of a text that is read. It does not end inside a surrogate pair.</summary>
    public ReadOnlySpan<char> Cut(ReadOnlySpan<char> text)
    {
        if (text.Length <= MaxCharacters) return text;
        var end = MaxCharacters;
        if (char.IsHighSurrogate(text[end - 1]) && char.IsLowSurrogate(text[end])) end--;
        return text[..end];
    }
}
