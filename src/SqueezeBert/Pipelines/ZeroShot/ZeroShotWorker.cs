using System.Runtime.InteropServices;
using SqueezeBert.Models;

namespace SqueezeBert.Pipelines;

/// <summary>A text with each hypothesis: [CLS] text [SEP] hypothesis [SEP].</summary>
/// <param name="model">A model for natural language inference.</param>
/// <param name="entailment">Its id for "follows".</param>
/// <param name="contradiction">Its id for the opposite; -1 where it is not known.</param>
internal sealed class ZeroShotWorker(PipelineModel model, int entailment, int contradiction)
    : PipelineWorker<(string Text, ZeroShotLabels Labels), Classification, ZeroShotWorker.Window>(model, OutputNames.Logits)
{
    private readonly int _width = model.Configuration.Labels.Count;
    private readonly List<(ZeroShotLabels Labels, int First, bool IsTruncated, int TokenCount)> _items = [];

    // Logits of each label of each text.
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

    public override void Add((string Text, ZeroShotLabels Labels) input, CancellationToken cancellationToken) => Add(input.Text, input.Labels, cancellationToken);

    public void Add(ReadOnlySpan<char> text, ZeroShotLabels labels, CancellationToken cancellationToken)
    {
        Tokenizer.Tokenize(text, First, MaxLength);
        var (first, isTruncated, tokens) = (_entailments.Count, false, 0);
        CollectionsMarshal.SetCount(_entailments, first + labels.Hypotheses.Length);
        CollectionsMarshal.SetCount(_contradictions, first + labels.Hypotheses.Length);
        _items.Add(default);
        for (var i = 0; i < labels.Hypotheses.Length; i++)
        {
            var hypothesis = labels.Hypotheses[i];
            var kept = Math.Min(First.Count, MaxLength - 3 - hypothesis.Length);
            isTruncated |= kept < First.Count;
            tokens = Math.Max(tokens, kept + hypothesis.Length + 3);
            Enqueue(First.Ids[..kept], hypothesis, new Window(first + i), cancellationToken);
        }

        _items[^1] = (labels, first, isTruncated, tokens);
    }

    /// <summary>Scores in the order of the labels; returns whether the text was truncated.</summary>
    public bool Scores(int item, Span<float> scores)
    {
        var (labels, first, isTruncated, _) = _items[item];
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

        return isTruncated;
    }

    public override Classification Result(int item)
    {
        var scores = new float[_items[item].Labels.Labels.Count];
        Scores(item, scores);
        return Classification.Of(_items[item].Labels.Labels, scores, _items[item].IsTruncated, _items[item].TokenCount);
    }

    protected override void Collect(int text, in Window window)
    {
        var logits = Session.GetOutput(OutputNames.Logits).Slice(text * _width, _width);
        CollectionsMarshal.AsSpan(_entailments)[window.Place] = logits[entailment];
        CollectionsMarshal.AsSpan(_contradictions)[window.Place] = contradiction < 0 ? 0 : logits[contradiction];
    }

    /// <param name="Place">Where the hypothesis' logits are kept.</param>
    internal readonly record struct Window(int Place);
}
