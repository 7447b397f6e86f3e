using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.Classifying;

/// <summary>Computes the label scores of texts and pairs. Each has one window, or several windows whose scores are averaged.</summary>
internal class ClassificationWorker(PipelineModel model, ProblemType problem, double temperature = 1)
    : PipelineWorker<ClassificationWorker.Window>(model), IPipelineWorker<TextPair, Classification>
{
    private readonly string _logits = model.Output(OutputNames.Logits);
    private readonly IReadOnlyList<string> _labels = model.Configuration.Labels;
    private readonly List<ReadInfo> _items = [];
    private readonly List<float> _scores = [];
    private readonly float[] _windowScores = new float[model.Configuration.Labels.Count];

    public override int Count => _items.Count;

    public static string? Problem(in TextPair input) => input.Text is null ? "the text is null" : null;

    public static long Characters(in TextPair input) => (long)input.Text.Length + (input.Pair?.Length ?? 0);

    public override void Clear()
    {
        base.Clear();
        _items.ClearAndTrim();
        _scores.ClearAndTrim();
    }

    public void Add(TextPair input, in Reading reading, CancellationToken cancellationToken)
    {
        if (input.Pair is null) Add(input.Text, reading, cancellationToken);
        else Add(input.Text, input.Pair, reading, cancellationToken);
    }

    public void Add(ReadOnlySpan<char> text, in Reading reading, CancellationToken cancellationToken)
    {
        var read = Tokenize(text, First, TextRoom(reading), reading, cancellationToken);
        var windows = new WeightedWindows(read.Kept, TextRoom(reading));
        Begin(read.Info(SequenceLayout.SpecialTokensOfText, windows.WindowCount));
        while (windows.MoveNext()) Enqueue(First.Ids[windows.Range], new Window(Count - 1, windows.Weight), cancellationToken);
    }

    public void Add(ReadOnlySpan<char> text, ReadOnlySpan<char> pair, in Reading reading, CancellationToken cancellationToken)
    {
        Begin(TokenizePair(text, pair, reading, out var windows, cancellationToken));
        while (windows.MoveNext())
            Enqueue(First.Ids[windows.First], Second.Ids[windows.Second], new Window(Count - 1, windows.Weight), cancellationToken);
    }

    /// <summary>Returns the scores of a text in the order of the label ids, and how much was read.</summary>
    public ReadInfo Scores(int item, Span<float> scores)
    {
        CollectionsMarshal.AsSpan(_scores).Slice(item * _labels.Count, _labels.Count).CopyTo(scores);
        return _items[item];
    }

    public ReadInfo Read(int item) => _items[item];

    public Classification Result(int item)
    {
        var scores = CollectionsMarshal.AsSpan(_scores).Slice(item * _labels.Count, _labels.Count);
        return Classification.Of(_labels, scores, _items[item]);
    }

    protected override void Collect(int text, in Window window)
    {
        Session.GetOutput(_logits).Slice(text * _labels.Count, _labels.Count).CopyTo(_windowScores);
        ClassificationScores.Apply(_windowScores, problem, temperature);
        var scores = CollectionsMarshal.AsSpan(_scores).Slice(window.Item * _labels.Count, _labels.Count);
        for (var i = 0; i < scores.Length; i++) scores[i] += _windowScores[i] * window.Weight;
    }

    private void Begin(in ReadInfo read)
    {
        _items.Add(read);
        CollectionsMarshal.SetCount(_scores, _items.Count * _labels.Count);
        CollectionsMarshal.AsSpan(_scores)[^_labels.Count..].Clear();
    }

    /// <param name="Item">The input of the window.</param>
    /// <param name="Weight">The weight of the window in the scores of its input. The weights of an input add up to 1.</param>
    internal readonly record struct Window(int Item, float Weight);
}
