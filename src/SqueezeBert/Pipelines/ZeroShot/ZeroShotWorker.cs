using System.Runtime.InteropServices;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.Classifying;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.ZeroShot;

/// <summary>A text, or each window of it, with each hypothesis: [CLS] text [SEP] hypothesis [SEP].</summary>
/// <param name="model">A model for natural language inference.</param>
/// <param name="longText">What to do with a text that does not fit beside a hypothesis.</param>
/// <param name="entailment">Its id for "follows".</param>
/// <param name="contradiction">Its id for the opposite; -1 where it is not known.</param>
internal sealed class ZeroShotWorker(PipelineModel model, LongText longText, int entailment, int contradiction)
    : PipelineWorker<(string Text, ZeroShotLabels Labels), Classification, ZeroShotWorker.Window>(model, OutputNames.Logits)
{
    private readonly int _width = model.Configuration.Labels.Count;
    private readonly List<(ZeroShotLabels Labels, int First, ReadText Read)> _items = [];

    // Logits of each label of each text, the mean of its windows.
    private readonly List<float> _entailments = [];
    private readonly List<float> _contradictions = [];

    public override int Count => _items.Count;

    public override void Clear()
    {
        base.Clear();
        _items.Clear();
        _entailments.Clear();
        _contradictions.Clear();
    }

    public override void Add((string Text, ZeroShotLabels Labels) input, CancellationToken cancellationToken) =>
        Add(input.Text, input.Labels, cancellationToken);

    public void Add(ReadOnlySpan<char> text, ZeroShotLabels labels, CancellationToken cancellationToken)
    {
        var isTruncating = longText == LongText.Truncate;
        Tokenizer.Tokenize(text, First, isTruncating ? MaxLength : int.MaxValue, cancellationToken);
        var first = _entailments.Count;
        Extend(_entailments, labels.Hypotheses.Length);
        Extend(_contradictions, labels.Hypotheses.Length);
        var read = new ReadText(0, 1, false);
        _items.Add(default);
        for (var i = 0; i < labels.Hypotheses.Length; i++)
        {
            var hypothesis = labels.Hypotheses[i];

            // A text that is cut is cut for each hypothesis by itself; windows are the same for all.
            var room = PairRoom - (isTruncating ? hypothesis.Length : labels.LongestHypothesis);
            var kept = isTruncating ? Math.Min(First.Count, room) : First.Count;
            var windows = new WeightedWindows(kept, room);
            var tokens = kept + hypothesis.Length + SequenceLayout.SpecialTokensOfPair;
            read = new ReadText(Math.Max(read.TokenCount, tokens), windows.WindowCount,
                read.IsTruncated || kept < First.Count);
            while (windows.MoveNext())
                Enqueue(First.Ids[windows.Range], hypothesis, new Window(first + i, windows.Weight), cancellationToken);
        }

        _items[^1] = (labels, first, read);
    }

    /// <summary>Scores in the order of the labels; returns whether the text was truncated.</summary>
    public bool Scores(int item, Span<float> scores)
    {
        var (labels, first, read) = _items[item];
        scores = scores[..labels.Labels.Count];
        CollectionsMarshal.AsSpan(_entailments).Slice(first, scores.Length).CopyTo(scores);
        if (labels.IsMultiLabel)
        {
            for (var i = 0; i < scores.Length; i++) scores[i] = (float)(1 / (1 + Math.Exp((double)_contradictions[first + i] - scores[i])));
        }
        else
        {
            ClassificationScores.Softmax(scores);
        }

        return read.IsTruncated;
    }

    public override Classification Result(int item)
    {
        var scores = new float[_items[item].Labels.Labels.Count];
        Scores(item, scores);
        return Classification.Of(_items[item].Labels.Labels, scores, _items[item].Read);
    }

    protected override void Collect(int text, in Window window)
    {
        var logits = Session.GetOutput(OutputNames.Logits).Slice(text * _width, _width);
        CollectionsMarshal.AsSpan(_entailments)[window.Place] += window.Weight * logits[entailment];
        if (contradiction >= 0) CollectionsMarshal.AsSpan(_contradictions)[window.Place] += window.Weight * logits[contradiction];
    }

    private static void Extend(List<float> values, int count)
    {
        CollectionsMarshal.SetCount(values, values.Count + count);
        CollectionsMarshal.AsSpan(values)[^count..].Clear();
    }

    /// <param name="Place">Where the hypothesis' logits are kept.</param>
    /// <param name="Weight">The window's part in them.</param>
    internal readonly record struct Window(int Place, float Weight);
}
