using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.Classifying;

/// <summary>Texts and pairs to scores of labels. Each is one window, or several whose scores are averaged.</summary>
internal sealed class ClassificationWorker(PipelineModel model, LongText longText)
    : PipelineWorker<(string Text, string? Pair), Classification, ClassificationWorker.Window>(model, OutputNames.Logits)
{
    private readonly IReadOnlyList<string> _labels = model.Configuration.Labels;
    private readonly ProblemType _problem = ClassificationScores.ProblemOf(model.Configuration);
    private readonly List<ReadText> _items = [];
    private readonly List<float> _scores = [];
    private readonly float[] _windowScores = new float[model.Configuration.Labels.Count];

    public override int Count => _items.Count;

    public override void Clear()
    {
        base.Clear();
        _items.Clear();
        _scores.Clear();
    }

    public override void Add((string Text, string? Pair) input, CancellationToken cancellationToken)
    {
        if (input.Pair is null) Add(input.Text, cancellationToken);
        else Add(input.Text, input.Pair, cancellationToken);
    }

    public void Add(ReadOnlySpan<char> text, CancellationToken cancellationToken)
    {
        var count = Tokenize(text, First, TextRoom, longText);
        var windows = new WeightedWindows(count, TextRoom);
        Begin(new ReadText(count + SequenceLayout.SpecialTokensOfText, windows.WindowCount, count < First.Count));
        while (windows.MoveNext()) Enqueue(First.Ids[windows.Range], new Window(Count - 1, windows.Weight), cancellationToken);
    }

    public void Add(ReadOnlySpan<char> text, ReadOnlySpan<char> pair, CancellationToken cancellationToken)
    {
        Tokenizer.Tokenize(text, First, cancellationToken: cancellationToken);
        Tokenizer.Tokenize(pair, Second, cancellationToken: cancellationToken);
        var windows = new PairWindows(First.Count, Second.Count, PairRoom, longText);
        Begin(new ReadText(windows.TokenCount + SequenceLayout.SpecialTokensOfPair, windows.WindowCount, windows.IsTruncated));
        while (windows.MoveNext())
            Enqueue(First.Ids[windows.First], Second.Ids[windows.Second], new Window(Count - 1, windows.Weight), cancellationToken);
    }

    /// <summary>Scores of a text by label id; returns whether it was truncated.</summary>
    public bool Scores(int item, Span<float> scores)
    {
        CollectionsMarshal.AsSpan(_scores).Slice(item * _labels.Count, _labels.Count).CopyTo(scores);
        return _items[item].IsTruncated;
    }

    public override Classification Result(int item)
    {
        var scores = CollectionsMarshal.AsSpan(_scores).Slice(item * _labels.Count, _labels.Count);
        return Classification.Of(_labels, scores, _items[item]);
    }

    protected override void Collect(int text, in Window window)
    {
        Session.GetOutput(OutputNames.Logits).Slice(text * _labels.Count, _labels.Count).CopyTo(_windowScores);
        ClassificationScores.Apply(_windowScores, _problem);
        var scores = CollectionsMarshal.AsSpan(_scores).Slice(window.Item * _labels.Count, _labels.Count);
        for (var i = 0; i < scores.Length; i++) scores[i] += _windowScores[i] * window.Weight;
    }

    private void Begin(in ReadText read)
    {
        _items.Add(read);
        CollectionsMarshal.SetCount(_scores, _items.Count * _labels.Count);
        CollectionsMarshal.AsSpan(_scores)[^_labels.Count..].Clear();
    }

    /// <param name="Item">The input that the window is of.</param>
    /// <param name="Weight">Its part in the input's scores; those of an input add up to one.</param>
    internal readonly record struct Window(int Item, float Weight);
}
