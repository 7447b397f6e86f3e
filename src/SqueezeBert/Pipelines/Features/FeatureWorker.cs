using System.Runtime.InteropServices;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines.Features;

/// <summary>
/// Computes the hidden states of texts. A text has one window, or several windows each of which contributes the rows that it owns.
/// </summary>
internal sealed class FeatureWorker(PipelineModel model, string output)
    : PipelineWorker<FeatureWorker.Window>(model), IPipelineWorker<string, TextFeatures>
{
    private readonly List<(int First, ReadInfo Read)> _items = [];
    private readonly List<int> _ids = [];
    private readonly List<TokenOffset> _offsets = [];
    private readonly List<float> _values = [];
    private readonly int _width = model.Configuration.HiddenSize;

    public override int Count => _items.Count;

    public static string? Problem(in string input) => input is null ? "the text is null" : null;

    public static long Characters(in string input) => input.Length;

    public override void Clear()
    {
        base.Clear();
        _items.ClearAndTrim();
        _ids.ClearAndTrim();
        _offsets.ClearAndTrim();
        _values.ClearAndTrim();
    }

    public void Add(string input, in Reading reading, CancellationToken cancellationToken) =>
        Add(input.AsSpan(), reading, cancellationToken);

    public void Add(ReadOnlySpan<char> text, in Reading reading, CancellationToken cancellationToken)
    {
        var read = Tokenize(text, First, TextRoom(reading), reading, cancellationToken);
        var count = read.Kept;
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
        var windows = new TokenWindows(count, TextRoom(reading));
        _items[number] = (first, read.Info(SpecialTokensOfText, windows.WindowCount));
        while (layout.Length > 0 && windows.MoveNext())
        {
            var (start, end, ownedStart, ownedEnd) = windows.Current;

            // [CLS] goes with the first token, [SEP] with the last.
            var row = ownedStart == 0 ? 0 : ownedStart - start + lead;
            var rowEnd = ownedEnd - start + (ownedEnd == count ? SpecialTokensOfText : lead);
            Enqueue(First.Ids[start..end], new Window(row, first + start + row, rowEnd - row), cancellationToken);
        }
    }

    /// <summary>Returns the hidden states [tokens, width] of an input.</summary>
    public ReadOnlySpan<float> Values(int item) =>
        CollectionsMarshal.AsSpan(_values).Slice(_items[item].First * _width, _items[item].Read.TokenCount * _width);

    public ReadInfo Read(int item) => _items[item].Read;

    public TextFeatures Result(int item)
    {
        var (first, read) = _items[item];
        return new TextFeatures
        {
            Values = Values(item).ToArray(),
            Width = _width,
            TokenIds = CollectionsMarshal.AsSpan(_ids).Slice(first, read.TokenCount).ToArray(),
            Offsets = CollectionsMarshal.AsSpan(_offsets).Slice(first, read.TokenCount).ToArray(),
            Read = read,
        };
    }

    protected override void Collect(int text, in Window window) =>
        Rows(output, text).Slice(window.Row * _width, window.Count * _width)
            .CopyTo(CollectionsMarshal.AsSpan(_values)[(window.First * _width)..]);

    /// <param name="Row">The first row that the window owns.</param>
    /// <param name="First">The index of its first stored value.</param>
    /// <param name="Count">The number of rows that the window owns.</param>
    internal readonly record struct Window(int Row, int First, int Count);
}
