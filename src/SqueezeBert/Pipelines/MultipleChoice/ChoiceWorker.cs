using System.Runtime.InteropServices;
using SqueezeBert.Models;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines;

/// <summary>A prompt with each choice: [CLS] prompt [SEP] choice [SEP].</summary>
internal sealed class ChoiceWorker(PipelineModel model)
    : PipelineWorker<(string Prompt, IReadOnlyList<string> Choices), Choice, ChoiceWorker.Window>(model, OutputNames.Logits)
{
    private readonly List<(IReadOnlyList<string> Choices, int First, bool IsTruncated)> _items = [];
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
        Tokenizer.Tokenize(input.Prompt, First);
        var (first, isTruncated) = (_logits.Count, false);
        CollectionsMarshal.SetCount(_logits, first + input.Choices.Count);
        for (var i = 0; i < input.Choices.Count; i++)
        {
            Tokenizer.Tokenize(input.Choices[i], Second);
            var (prompt, choice) = Windows.Split(First.Count, Second.Count, MaxLength - 3, Truncation.LongestFirst);
            isTruncated |= prompt < First.Count || choice < Second.Count;
            Enqueue(First.Ids[..prompt], Second.Ids[..choice], new Window(first + i), cancellationToken);
        }

        _items.Add((input.Choices, first, isTruncated));
    }

    /// <summary>Scores in the order of the choices; returns whether a pair was truncated.</summary>
    public bool Scores(int item, Span<float> scores)
    {
        var (choices, first, isTruncated) = _items[item];
        scores = scores[..choices.Count];
        CollectionsMarshal.AsSpan(_logits).Slice(first, scores.Length).CopyTo(scores);
        ClassificationScores.Softmax(scores);
        return isTruncated;
    }

    public override Choice Result(int item)
    {
        var choices = _items[item].Choices;
        var scores = new float[choices.Count];
        var isTruncated = Scores(item, scores);
        return new Choice([.. scores.Select((score, i) => new ChoiceScore(i, choices[i], score)).OrderByDescending(choice => choice.Score)], isTruncated);
    }

    protected override void Collect(int text, in Window window) => CollectionsMarshal.AsSpan(_logits)[window.Place] = Session.GetOutput(OutputNames.Logits)[text];

    /// <param name="Place">Where the choice's logit is kept.</param>
    internal readonly record struct Window(int Place);
}
