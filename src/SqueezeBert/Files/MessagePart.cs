namespace SqueezeBert.Files;

/// <summary>
/// Parts of messages. Names and values from files must not bring line breaks, escape sequences or megabytes of text to the user's terminal.
/// </summary>
internal static class MessagePart
{
    private const int MaxLength = 500;

    /// <summary>Returns a text on one line, shortened if it is long.</summary>
    public static string OneLine(string text)
    {
        if (text.Length > MaxLength) text = string.Concat(text.AsSpan(0, MaxLength), "…");
        return string.Create(text.Length, text, static (line, source) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
        });
    }
}
