namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>Counts code points, as the reference does.</summary>
internal static class CodePoints
{
    /// <summary>Returns the beginning of a text. A surrogate pair counts as one character and is never split.</summary>
    public static ReadOnlySpan<char> First(ReadOnlySpan<char> text, long most)
    {
        if (text.Length <= most) return text;
        var i = 0;
        for (; i < text.Length && most > 0; most--)
            i += i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
        return text[..i];
    }
}
