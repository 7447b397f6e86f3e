using System.Runtime.InteropServices;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.Classifying;
using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert.Pipelines.Choosing;

/// <summary>Scores a prompt with each choice: [CLS] prompt [SEP] choice [SEP], in one or several windows.</summary>
internal sealed class ChoiceWorker(PipelineModel model)
    : PipelineWorker<ChoiceWorker.Window>(model), IPipelineWorker<(string Prompt, IReadOnlyList<string> Choices), Choice>
{
    private readonly List<(IReadOnlyList<string> Choices, int First, ReadInfo Read)> _items = [];
    private readonly List<float> _logits = [];

    public override int Count => _items.Count;

    public static string? Problem(in (string Prompt, IReadOnlyList<string> Choices) input)
    {
        if (input.Prompt is null) return "the prompt is null";
        if (input.Choices is null || input.Choices.Count == 0) return "there is nothing to choose from";
        for (var i = 0; i < input.Choices.Count; i++)
        {
            if (input.Choices[i] is null) return $"choice {i} is null";
        }

        return null;
    }

    public static long Characters(in (string Prompt, IReadOnlyList<string> Choices) input)
    {
        var sum = 0L;
        foreach (var choice in input.Choices) sum += input.Prompt.Length + choice.Length;
        return sum;
    }

    public override void Clear()
    {
        base.Clear();
        _items.ClearAndTrim();
        _logits.ClearAndTrim();
    }

    public void Add((string Prompt, IReadOnlyList<string> Choices) input, in Reading reading, CancellationToken cancellationToken)
    {
        var first = _logits.Count;
        CollectionsMarshal.SetCount(_logits, first + input.Choices.Count);
        CollectionsMarshal.AsSpan(_logits)[first..].Clear();
        var read = default(ReadInfo);
        for (var i = 0; i < input.Choices.Count; i++)
        {
            // The pair of which most is read stands for all.
            var pair = TokenizePair(input.Prompt, input.Choices[i], reading, out var windows, cancellationToken);
            var (longer, shorter) = pair.TokenCount > read.TokenCount ? (pair, read) : (read, pair);
            read = longer with
            {
                WindowCount = Math.Max(longer.WindowCount, shorter.WindowCount),
                IsTruncated = longer.IsTruncated || shorter.IsTruncated,
            };
            while (windows.MoveNext())
                Enqueue(First.Ids[windows.First], Second.Ids[windows.Second], new Window(first + i, windows.Weight), cancellationToken);
        }

        _items.Add((input.Choices, first, read));
    }

    /// <summary>Returns the scores in the order of the choices, and how much was read.</summary>
    public ReadInfo Scores(int item, Span<float> scores)
    {
        var (choices, first, read) = _items[item];
        scores = scores[..choices.Count];
        CollectionsMarshal.AsSpan(_logits).Slice(first, scores.Length).CopyTo(scores);
        ClassificationScores.Softmax(scores);
        return read;
    }

    public ReadInfo Read(int item) => _items[item].Read;

    public Choice Result(int item)
    {
        var (choices, _, read) = _items[item];
        var scores = new float[choices.Count];
        Scores(item, scores);
        return new Choice
        {
            Choices =
            [
                .. scores.Select((score, i) => new ChoiceScore { Index = i, Text = choices[i], Score = score })
                    .OrderByDescending(choice => choice.Score),
            ],
            Read = read,
        };
    }

    protected override void Collect(int text, in Window window) =>
        CollectionsMarshal.AsSpan(_logits)[window.Place] += window.Weight * Session.GetOutput(OutputNames.Logits)[text];

    /// <param name="Place">The index of the choice's stored logit.</param>
    /// <param name="Weight">The weight of the window in this logit.</param>
    internal readonly record struct Window(int Place, float Weight);
}
