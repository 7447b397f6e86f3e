using System.Collections;

namespace SqueezeBert.Pipelines;

/// <summary>A list of single texts, viewed as pairs without a second text.</summary>
internal sealed class TextPairs(IReadOnlyList<string> texts) : IReadOnlyList<TextPair>
{
    public int Count => texts.Count;

    public TextPair this[int index] => new(texts[index]);

    public IEnumerator<TextPair> GetEnumerator() => texts.Select(static text => new TextPair(text)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
