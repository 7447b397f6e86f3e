namespace SqueezeBert.Checkpoints;

/// <summary>
/// A file of a model (weights, configuration, vocabulary, tokenizer) is damaged, hostile or of a kind that is not supported.
/// Readers of model files throw nothing else for the content of a file, whatever its bytes are.
/// </summary>
public sealed class InvalidModelFileException : Exception
{
    private const int MaxPartLength = 500;

    /// <summary>Creates the exception; its message is the line "file: item: reason" (without the item where there is none).</summary>
    /// <param name="file">The file, as the caller named it.</param>
    /// <param name="item">The tensor, field or line that is wrong, or null where it is the file as a whole.</param>
    /// <param name="reason">What is wrong and, where there is one, the remedy.</param>
    /// <param name="inner">The exception behind this one.</param>
    public InvalidModelFileException(string file, string? item, string reason, Exception? inner = null)
        : base(Line(file, item, reason), inner)
    {
        File = file;
        Item = item;
        Reason = reason;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string File { get; }

    /// <summary>The tensor, field or line that is wrong; null where it is the file as a whole.</summary>
    public string? Item { get; }

    /// <summary>What is wrong and, where there is one, the remedy.</summary>
    public string Reason { get; }

    private static string Line(string file, string? item, string reason) =>
        item is null ? $"{OneLine(file)}: {OneLine(reason)}" : $"{OneLine(file)}: {OneLine(item)}: {OneLine(reason)}";

    // Names and values come from the file: no line breaks or escape sequences on the user's terminal, no megabytes of them.
    private static string OneLine(string text)
    {
        if (text.Length > MaxPartLength) text = string.Concat(text.AsSpan(0, MaxPartLength), "…");
        return string.Create(text.Length, text, static (line, source) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
        });
    }
}
