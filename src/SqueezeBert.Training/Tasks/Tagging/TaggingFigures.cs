using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Pipelines.Tagging;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Tagging;

/// <summary>
/// Precision, recall and F1 of entities over whole sentences, whose tags are chosen together so that none is impossible. A word that is not
/// read, because its sentence was cut, counts as none.
/// </summary>
internal sealed unsafe class TaggingFigures(StageRecipe stage, TaggedData data, Loss loss, GradientOutput logits, WorkerPool pool)
    : HeldOutFigures
{
    private const string Outside = "O";

    private readonly TagDecoder _decoder = new(data.Labels);
    private readonly float[]?[] _scores = new float[data.HeldOutTags.Count][];
    private readonly List<int> _texts = [];
    private LossSum _total;

    /// <summary>The texts all of whose words have the right tag, once <see cref="Summary"/> has been asked for.</summary>
    public HashSet<int> RightTexts { get; } = [];

    public override void Add(MicroBatch batch, ReadOnlySpan<int> examples)
    {
        _total += loss.Compute(logits.ForValue(), new LossTarget(batch.Labels), pool);
        var labels = data.Labels.Count;
        var rows = logits.ForValue();
        for (var i = 0; i < examples.Length; i++)
        {
            var example = data.HeldOut[examples[i]];
            if (_scores[example.Text] is not { } scores)
            {
                scores = new float[data.HeldOutTags[example.Text].Length * labels];
                Array.Fill(scores, float.NaN);
                _scores[example.Text] = scores;
                _texts.Add(example.Text);
            }

            var numbers = data.HeldOut.Numbers(example);
            for (var n = 0; n < numbers.Length; n += 3)
            {
                var row = rows.Row(batch.Batch.TextStarts[i] + numbers[n]);
                new ReadOnlySpan<float>(row, labels).CopyTo(scores.AsSpan(numbers[n + 1] * labels));
            }
        }
    }

    public override EvaluationSummary Summary(CancellationToken cancellationToken)
    {
        var report = new EntityReport();
        var bySource = new EntityReport[stage.Sources.Count];
        _texts.Sort();
        foreach (var text in _texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var truth = Array.ConvertAll(data.HeldOutTags[text], tag => data.Labels[tag]);
            var found = Decode(_scores[text]!);
            report.Add(truth, found);
            if (truth.SequenceEqual(found)) RightTexts.Add(text);
            (bySource[data.HeldOut.SourceOf(text)] ??= new EntityReport()).Add(truth, found);
        }

        var accuracies = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < bySource.Length; i++)
        {
            if (bySource[i] is { } one) FileShares.Add(accuracies, stage.Sources[i].File, one.Accuracy);
        }

        var summary = new EvaluationSummary(_total.Mean, report.Accuracy, report.Examples, accuracies);
        var micro = report.Micro;
        return !EntityTags.HaveEntities(data.Labels) ? summary : summary with
        {
            Figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["f1"] = micro.F1,
                ["precision"] = micro.Precision,
                ["recall"] = micro.Recall,
            },
        };
    }

    private string[] Decode(float[] scores)
    {
        var labels = data.Labels.Count;
        var words = new string[scores.Length / labels];
        Array.Fill(words, data.Labels.Contains(Outside) ? Outside : data.Labels[0]);
        var read = Enumerable.Range(0, words.Length).Where(word => !float.IsNaN(scores[word * labels])).ToArray();
        var tags = new int[read.Length];
        _decoder.Decode(read.SelectMany(word => scores.AsSpan(word * labels, labels).ToArray()).ToArray(), tags);
        for (var i = 0; i < read.Length; i++) words[read[i]] = data.Labels[tags[i]];
        return words;
    }
}
