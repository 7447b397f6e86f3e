using System.Runtime.InteropServices;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.Classifying;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.Choosing;

/// <summary>A prompt with each choice: [CLS] prompt [SEP] choice [SEP], in one window or several.</summary>
internal sealed class ChoiceWorker(PipelineModel model, LongText longText)
    : PipelineWorker<(string Prompt, IReadOnlyList<string> Choices), Choice, ChoiceWorker.Window>(model, OutputNames.Logits)
{
    private readonly List<(IReadOnlyList<string> Choices, int First, ReadText Read)> _items = [];
    private readonly List<float> _logits = [];

    public override int Count => _items.Count;

    public override void Clear()
    {
        base.Clear();
        _items.Clear();
        _logits.Clear();
    }

    public override void Add((string Prompt, IReadOnlyList<string> Choices) input, CancellationToken cancellationToken)
    {
        Tokenizer.Tokenize(input.Prompt, First, cancellationToken: cancellationToken);
        var first = _logits.Count;
        CollectionsMarshal.SetCount(_logits, first + input.Choices.Count);
        CollectionsMarshal.AsSpan(_logits)[first..].Clear();
        var read = new ReadText(0, 1, false);
        for (var i = 0; i < input.Choices.Count; i++)
        {
            Tokenizer.Tokenize(input.Choices[i], Second, cancellationToken: cancellationToken);
            var windows = new PairWindows(First.Count, Second.Count, PairRoom, longText);
            read = new ReadText(
                Math.Max(read.TokenCount, windows.TokenCount + SequenceLayout.SpecialTokensOfPair),
                Math.Max(read.WindowCount, windows.WindowCount),
                read.IsTruncated || windows.IsTruncated);
            while (windows.MoveNext())
                Enqueue(First.Ids[windows.First], Second.Ids[windows.Second], new Window(first + i, windows.Weight), cancellationToken);
        }

        _items.Add((input.Choices, first, read));
    }

    /// <summary>Scores in the order of the choices; returns whether a pair was truncated.</summary>
    public bool Scores(int item, Span<float> scores)
    {
        var (choices, first, read) = _items[item];
        scores = scores[..choices.Count];
        CollectionsMarshal.AsSpan(_logits).Slice(first, scores.Length).CopyTo(scores);
        ClassificationScores.Softmax(scores);
        return read.IsTruncated;
    }

    public override Choice Result(int item)
    {
        var (choices, _, read) = _items[item];
        var scores = new float[choices.Count];
        Scores(item, scores);
        return new Choice(
            [.. scores.Select((score, i) => new ChoiceScore(i, choices[i], score)).OrderByDescending(choice => choice.Score)], read);
    }

    protected override void Collect(int text, in Window window) =>
        CollectionsMarshal.AsSpan(_logits)[window.Place] += window.Weight * Session.GetOutput(OutputNames.Logits)[text];

    /// <param name="Place">Where the choice's logit is kept.</param>
    /// <param name="Weight">The window's part in it.</param>
    internal readonly record struct Window(int Place, float Weight);
}
