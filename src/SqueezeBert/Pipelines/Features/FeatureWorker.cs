using System.Runtime.InteropServices;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines.Features;

/// <summary>
/// Texts to the hidden states of their tokens. A text is one window, or several of which each gives the rows that it owns.
/// </summary>
internal sealed class FeatureWorker(PipelineModel model, string output, LongText longText)
    : PipelineWorker<string, TextFeatures, FeatureWorker.Window>(model, output)
{
    private readonly List<(int First, ReadText Read)> _items = [];
    private readonly List<int> _ids = [];
    private readonly List<TokenOffset> _offsets = [];
    private readonly List<float> _values = [];
    private int _width;

    public override int Count => _items.Count;

    public override void Clear()
    {
        base.Clear();
        _items.Clear();
        _ids.Clear();
        _offsets.Clear();
        _values.Clear();
    }

    public override void Add(string input, CancellationToken cancellationToken) => Add(input.AsSpan(), cancellationToken);

    public void Add(ReadOnlySpan<char> text, CancellationToken cancellationToken)
    {
        var count = Tokenize(text, First, TextRoom, longText);
        _width = Session.GetWidth(output);
        var (number, first) = (_items.Count, _ids.Count);
        var layout = LayoutOfText(count);
        var lead = SpecialTokensOfText / 2;
        CollectionsMarshal.SetCount(_ids, first + layout.Length);
        Tokenizer.WriteSequence(layout, First.Ids[..count], [], CollectionsMarshal.AsSpan(_ids)[first..]);
        if (layout.Special) _offsets.Add(default);
        CollectionExtensions.AddRange(_offsets, First.Offsets[..count]);
        if (layout.Special) _offsets.Add(default);
        CollectionsMarshal.SetCount(_values, _ids.Count * _width);
        _items.Add(default);
        var windows = new TokenWindows(count, TextRoom);
        var windowCount = 0;
        while (layout.Length > 0 && windows.MoveNext())
        {
            var (start, end, ownedStart, ownedEnd) = windows.Current;
            windowCount++;

            // [CLS] goes with the first token, [SEP] with the last.
            var row = ownedStart == 0 ? 0 : ownedStart - start + lead;
            var rowEnd = ownedEnd - start + (ownedEnd == count ? SpecialTokensOfText : lead);
            Enqueue(First.Ids[start..end], new Window(row, first + start + row, rowEnd - row), cancellationToken);
        }

        _items[number] = (first, new ReadText(layout.Length, Math.Max(1, windowCount), count < First.Count || IsCut));
    }

    /// <summary>[tokens, width] of an input.</summary>
    public ReadOnlySpan<float> Values(int item) =>
        CollectionsMarshal.AsSpan(_values).Slice(_items[item].First * _width, _items[item].Read.TokenCount * _width);

    public bool IsTruncated(int item) => _items[item].Read.IsTruncated;

    public override TextFeatures Result(int item)
    {
        var (first, read) = _items[item];
        return new TextFeatures(
            Values(item).ToArray(),
            _width,
            CollectionsMarshal.AsSpan(_ids).Slice(first, read.TokenCount).ToArray(),
            CollectionsMarshal.AsSpan(_offsets).Slice(first, read.TokenCount).ToArray(),
            read);
    }

    protected override void Collect(int text, in Window window) =>
        Rows(output, text).Slice(window.Row * _width, window.Count * _width)
            .CopyTo(CollectionsMarshal.AsSpan(_values)[(window.First * _width)..]);

    /// <param name="Row">The first row of the window that it owns.</param>
    /// <param name="First">Where its values are kept.</param>
    /// <param name="Count">Rows that the window owns.</param>
    internal readonly record struct Window(int Row, int First, int Count);
}
