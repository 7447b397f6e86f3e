namespace SqueezeBert.Pipelines.LongTexts;

/// <summary>Texts by code points, as the reference counts them.</summary>
internal static class CodePoints
{
    /// <summary>The beginning of a text; a pair of surrogates is one character and never cut in two.</summary>
    public static ReadOnlySpan<char> First(ReadOnlySpan<char> text, long most)
    {
        if (text.Length <= most) return text;
        var i = 0;
        for (; i < text.Length && most > 0; most--)
            i += i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
        return text[..i];
    }
}
