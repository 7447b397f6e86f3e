using System.Runtime.InteropServices;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines;

/// <summary>Texts to the hidden states of their tokens.</summary>
internal sealed class FeatureWorker(PipelineModel model, string output) : PipelineWorker<string, TextFeatures, FeatureWorker.Window>(model, output)
{
    private readonly List<(int First, int Count, bool IsTruncated)> _items = [];
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
        var room = MaxLength - 2;
        Tokenizer.Tokenize(text, First, room + 1);
        var kept = Math.Min(First.Count, room);
        _width = Session.GetWidth(output);
        var first = _ids.Count;
        _ids.Add(Tokenizer.ClsTokenId);
        CollectionExtensions.AddRange(_ids, First.Ids[..kept]);
        _ids.Add(Tokenizer.SepTokenId);
        _offsets.Add(default);
        CollectionExtensions.AddRange(_offsets, First.Offsets[..kept]);
        _offsets.Add(default);
        CollectionsMarshal.SetCount(_values, _ids.Count * _width);
        _items.Add((first, kept + 2, First.Count > room));
        Enqueue(First.Ids[..kept], new Window(first), cancellationToken);
    }

    /// <summary>[tokens, width] of an input.</summary>
    public ReadOnlySpan<float> Values(int item) => CollectionsMarshal.AsSpan(_values).Slice(_items[item].First * _width, _items[item].Count * _width);

    public bool IsTruncated(int item) => _items[item].IsTruncated;

    public override TextFeatures Result(int item)
    {
        var (first, count, isTruncated) = _items[item];
        return new TextFeatures(
            Values(item).ToArray(),
            CollectionsMarshal.AsSpan(_ids).Slice(first, count).ToArray(),
            CollectionsMarshal.AsSpan(_offsets).Slice(first, count).ToArray(),
            isTruncated);
    }

    protected override void Collect(int text, in Window window) => Rows(output, text).CopyTo(CollectionsMarshal.AsSpan(_values)[(window.First * _width)..]);

    /// <param name="First">Where the first token's values are kept.</param>
    internal readonly record struct Window(int First);
}
