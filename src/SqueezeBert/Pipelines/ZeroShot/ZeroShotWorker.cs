using System.Runtime.InteropServices;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.Classifying;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.ZeroShot;

/// <param name="Text">The text.</param>
/// <param name="Labels">The candidate labels.</param>
internal readonly record struct ZeroShotInput(string Text, ZeroShotLabels Labels);

/// <summary>Scores a text, or each window of it, with each hypothesis: [CLS] text [SEP] hypothesis [SEP].</summary>
/// <param name="model">A model for natural language inference.</param>
/// <param name="entailment">The id of its entailment label.</param>
/// <param name="contradiction">The id of its contradiction label, or -1 if it is unknown.</param>
internal sealed class ZeroShotWorker(PipelineModel model, int entailment, int contradiction)
    : PipelineWorker<ZeroShotWorker.Window>(model), IPipelineWorker<ZeroShotInput, Classification>
{
    private readonly string _logits = model.Output(OutputNames.Logits);
    private readonly int _width = model.Configuration.Labels.Count;
    private readonly List<(ZeroShotLabels Labels, int First, ReadInfo Read)> _items = [];

    // Logits of each label of each text, the mean of its windows.
    private readonly List<float> _entailments = [];
    private readonly List<float> _contradictions = [];

    public override int Count => _items.Count;

    public static string? Problem(in ZeroShotInput input) => input.Text is null ? "the text is null" : null;

    public static long Characters(in ZeroShotInput input) => (long)input.Text.Length * input.Labels.Labels.Count;

    public override void Clear()
    {
        base.Clear();
        _items.ClearAndTrim();
        _entailments.ClearAndTrim();
        _contradictions.ClearAndTrim();
    }

    public void Add(ZeroShotInput input, in Reading reading, CancellationToken cancellationToken) =>
        Add(input.Text, input.Labels, reading, cancellationToken);

    /// <exception cref="ArgumentException">
    /// A hypothesis leaves no room for the text, or the text is too long and <see cref="ReadingOptions.LongText"/> is
    /// <see cref="LongText.Error"/>.
    /// </exception>
    public void Add(ReadOnlySpan<char> text, ZeroShotLabels labels, in Reading reading, CancellationToken cancellationToken)
    {
        var shortest = PairRoom(reading) - labels.LongestHypothesis;
        if (shortest < 1)
        {
            throw new ArgumentException(
                $"the longest hypothesis has {labels.LongestHypothesis} tokens, which leaves no room for a text: {reading.MaxLength} are " +
                    "read");
        }

        // A text that is cut is cut for each hypothesis by itself, so most is needed for the shortest one.
        var isTruncating = !reading.IsWindowed;
        var room = reading.LongText == LongText.Error ? shortest : PairRoom(reading) - labels.ShortestHypothesis;
        var tokenized = Tokenize(text, First, room, reading, cancellationToken);
        var first = _entailments.Count;
        Extend(_entailments, labels.Hypotheses.Length);
        Extend(_contradictions, labels.Hypotheses.Length);
        var read = default(ReadInfo);
        _items.Add(default);
        for (var i = 0; i < labels.Hypotheses.Length; i++)
        {
            var hypothesis = labels.Hypotheses[i];

            // Windows are the same for all hypotheses.
            room = PairRoom(reading) - (isTruncating ? hypothesis.Length : labels.LongestHypothesis);
            var kept = isTruncating ? Math.Min(First.Count, room) : First.Count;
            var windows = new WeightedWindows(kept, room);
            var isTruncated = tokenized.IsTruncated || kept < First.Count;
            read = new ReadInfo
            {
                TokenCount = Math.Max(read.TokenCount, kept + hypothesis.Length + SequenceLayout.SpecialTokensOfPair),
                CharactersRead = Math.Max(read.CharactersRead, End(First, kept, isTruncated, text.Length)),
                WindowCount = windows.WindowCount,
                IsTruncated = read.IsTruncated || isTruncated,
            };
            while (windows.MoveNext())
                Enqueue(First.Ids[windows.Range], hypothesis, new Window(first + i, windows.Weight), cancellationToken);
        }

        _items[^1] = (labels, first, read);
    }

    /// <summary>Returns the scores in the order of the labels, and how much of the text was read.</summary>
    public ReadInfo Scores(int item, Span<float> scores)
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

        return read;
    }

    public ReadInfo Read(int item) => _items[item].Read;

    public Classification Result(int item)
    {
        var scores = new float[_items[item].Labels.Labels.Count];
        Scores(item, scores);
        return Classification.Of(_items[item].Labels.Labels, scores, _items[item].Read);
    }

    protected override void Collect(int text, in Window window)
    {
        var logits = Session.GetOutput(_logits).Slice(text * _width, _width);
        CollectionsMarshal.AsSpan(_entailments)[window.Place] += window.Weight * logits[entailment];
        if (contradiction >= 0) CollectionsMarshal.AsSpan(_contradictions)[window.Place] += window.Weight * logits[contradiction];
    }

    private static void Extend(List<float> values, int count)
    {
        CollectionsMarshal.SetCount(values, values.Count + count);
        CollectionsMarshal.AsSpan(values)[^count..].Clear();
    }

    /// <param name="Place">The index of the hypothesis' stored logits.</param>
    /// <param name="Weight">The weight of the window in these logits.</param>
    internal readonly record struct Window(int Place, float Weight);
}
