using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Models;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines;

/// <summary>Texts and pairs to scores of labels. A text is one window, or several whose scores are averaged.</summary>
internal sealed class ClassificationWorker(PipelineModel model, LongText longText)
    : PipelineWorker<(string Text, string? Pair), Classification, ClassificationWorker.Window>(model, OutputNames.Logits)
{
    private readonly IReadOnlyList<string> _labels = model.Configuration.Labels;
    private readonly ProblemType _problem = ClassificationScores.ProblemOf(model.Configuration);
    private readonly List<(bool IsTruncated, int TokenCount)> _items = [];
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
        var room = MaxLength - 2;
        Tokenizer.Tokenize(text, First, longText == LongText.Truncate ? room + 1 : int.MaxValue);
        var count = First.Count;
        if (longText == LongText.Truncate || count <= room)
        {
            var kept = Math.Min(count, room);
            Begin(count > room, kept + 2);
            Enqueue(First.Ids[..kept], new Window(Count - 1, 1), cancellationToken);
            return;
        }

        Begin(false, count + 2);
        var covered = 0;
        var windows = new TokenWindows(count, room, room - Math.Max(1, room / 2));
        while (windows.MoveNext())
        {
            var (start, end) = (windows.Current.Start, windows.Current.End);
            Enqueue(First.Ids[start..end], new Window(Count - 1, (float)(end - covered) / count), cancellationToken);
            covered = end;
        }
    }

    public void Add(ReadOnlySpan<char> text, ReadOnlySpan<char> pair, CancellationToken cancellationToken)
    {
        Tokenizer.Tokenize(text, First);
        Tokenizer.Tokenize(pair, Second);
        var (first, second) = Windows.Split(First.Count, Second.Count, MaxLength - 3, Truncation.LongestFirst);
        Begin(first < First.Count || second < Second.Count, first + second + 3);
        Enqueue(First.Ids[..first], Second.Ids[..second], new Window(Count - 1, 1), cancellationToken);
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
        return Classification.Of(_labels, scores, _items[item].IsTruncated, _items[item].TokenCount);
    }

    protected override void Collect(int text, in Window window)
    {
        Session.GetOutput(OutputNames.Logits).Slice(text * _labels.Count, _labels.Count).CopyTo(_windowScores);
        ClassificationScores.Apply(_windowScores, _problem);
        var scores = CollectionsMarshal.AsSpan(_scores).Slice(window.Item * _labels.Count, _labels.Count);
        for (var i = 0; i < scores.Length; i++) scores[i] += _windowScores[i] * window.Weight;
    }

    private void Begin(bool isTruncated, int tokens)
    {
        _items.Add((isTruncated, tokens));
        CollectionsMarshal.SetCount(_scores, _items.Count * _labels.Count);
        CollectionsMarshal.AsSpan(_scores)[^_labels.Count..].Clear();
    }

    /// <param name="Item">The input that the window is of.</param>
    /// <param name="Weight">Its part in the input's scores; those of an input add up to one.</param>
    internal readonly record struct Window(int Item, float Weight);
}
