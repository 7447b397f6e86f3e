using System.Runtime.InteropServices;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.Classifying;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.Tagging;

/// <summary>
/// Computes the label scores of tokens. A text has one window, or several windows each of which contributes the scores of the tokens that
/// it owns.
/// </summary>
internal sealed class TokenClassificationWorker(PipelineModel model, EntityAggregator aggregator)
    : PipelineWorker<TokenClassificationWorker.Window>(model), IPipelineWorker<string, TokenClassification>
{
    private readonly string _logits = model.Output(OutputNames.Logits);
    private readonly int _labels = model.Configuration.Labels.Count;
    private readonly List<Item> _items = [];
    private readonly List<TokenOffset> _offsets = [];
    private readonly List<int> _words = [];
    private readonly List<float> _scores = [];

    public override int Count => _items.Count;

    public static string? Problem(in string input) => input is null ? "the text is null" : null;

    public static long Characters(in string input) => input.Length;

    public override void Clear()
    {
        base.Clear();
        _items.ClearAndTrim();
        _offsets.ClearAndTrim();
        _words.ClearAndTrim();
        _scores.ClearAndTrim();
    }

    public void Add(string input, in Reading reading, CancellationToken cancellationToken) =>
        Add(input, input, reading, cancellationToken);

    /// <param name="text">The text.</param>
    /// <param name="original">The text again, for <see cref="Result"/>, or null if only scores are read.</param>
    /// <param name="reading">How much of the input is read.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked if a text needs several batches.</param>
    public void Add(ReadOnlySpan<char> text, string? original, in Reading reading, CancellationToken cancellationToken)
    {
        var read = Tokenize(text, First, TextRoom(reading), reading, cancellationToken);
        var count = read.Kept;
        var first = _offsets.Count;
        CollectionExtensions.AddRange(_offsets, First.Offsets[..count]);
        CollectionExtensions.AddRange(_words, First.Words[..count]);
        CollectionsMarshal.SetCount(_scores, _offsets.Count * _labels);
        var windows = new TokenWindows(count, TextRoom(reading));
        _items.Add(new Item(original, first, count, read.Info(SequenceLayout.SpecialTokensOfText, windows.WindowCount)));
        while (windows.MoveNext())
        {
            var (start, end, ownedStart, ownedEnd) = windows.Current;
            Enqueue(First.Ids[start..end], new Window(ownedStart - start + 1, first + ownedStart, ownedEnd - ownedStart),
                cancellationToken);
        }
    }

    /// <summary>Returns the scores [tokens, labels] of an input.</summary>
    public ReadOnlySpan<float> Scores(int item) =>
        CollectionsMarshal.AsSpan(_scores).Slice(_items[item].First * _labels, _items[item].Count * _labels);

    public ReadOnlySpan<TokenOffset> Offsets(int item) => CollectionsMarshal.AsSpan(_offsets).Slice(_items[item].First, _items[item].Count);

    public ReadInfo Read(int item) => _items[item].Read;

    public TokenClassification Result(int item)
    {
        var (text, first, count, read) = _items[item];
        var entities = aggregator.Entities(Scores(item), Offsets(item), CollectionsMarshal.AsSpan(_words).Slice(first, count), text!);
        return new TokenClassification { Entities = entities, Read = read };
    }

    protected override void Collect(int text, in Window window)
    {
        var logits = Rows(_logits, text);
        for (var i = 0; i < window.Count; i++)
        {
            var row = CollectionsMarshal.AsSpan(_scores).Slice((window.First + i) * _labels, _labels);
            logits.Slice((window.Row + i) * _labels, _labels).CopyTo(row);
            ClassificationScores.Softmax(row);
        }
    }

    /// <param name="Row">The first row that the window owns.</param>
    /// <param name="First">The index of its first stored score.</param>
    /// <param name="Count">The number of tokens that the window owns.</param>
    internal readonly record struct Window(int Row, int First, int Count);

    private readonly record struct Item(string? Text, int First, int Count, ReadInfo Read);
}
