using System.Diagnostics;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Compression;

/// <summary>Measures the size, the speed and the score of a model folder on a part of the data.</summary>
internal sealed class CandidateMeasure(CompressionTask task, CompressionOptions options)
{
    // Texts that are timed one by one, again and again while the compiler makes the code better. Of each the shortest time counts, since
    // whatever else a machine does only adds to it.
    private const int TimedTexts = 24;
    private const int MinPasses = 3;
    private const int MaxPasses = 60;
    private static readonly TimeSpan TimeToMeasure = TimeSpan.FromSeconds(0.6);

    /// <param name="folder">The folder of the model.</param>
    /// <param name="examples">The examples to measure on.</param>
    /// <param name="answers">Receives the predictions. Null if they are not needed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public CompressionFigures Measure(
        string folder, IReadOnlyList<TextExample> examples, ICollection<Classification>? answers, CancellationToken cancellationToken)
    {
        using var classifier = TextClassifier.Load(
            folder, new TextClassifierOptions { Reading = new ReadingOptions { MaxLength = options.MaxLength } },
            new ModelOptions { Threads = options.Threads });
        var labels = options.LabelValues is null ? null : new LabelList(classifier.Labels, options.LabelValues);
        var result = ClassifierEvaluation.Evaluate(
            classifier, [new EvaluationSet(options.Data.File, examples)], labels, null, answers, cancellationToken);
        return new CompressionFigures(
            BytesOf(folder), TimeOf(classifier, examples, cancellationToken), task.ScoreOf(result.All.Report), examples.Count);
    }

    private static long BytesOf(string folder)
    {
        using var model = ModelFolder.Open(folder);
        return model.StoredTensors.Names.Sum(name => model.StoredTensors.TryGetTensor(name, out var info) ? info.ByteCount : 0);
    }

    private static double TimeOf(TextClassifier classifier, IReadOnlyList<TextExample> examples, CancellationToken cancellationToken)
    {
        var texts = examples.Where((_, i) => EvenSample.IsChosen(i, TimedTexts, examples.Count)).ToList();
        var best = new double[texts.Count];
        Array.Fill(best, double.PositiveInfinity);
        var begun = Stopwatch.GetTimestamp();
        for (var pass = 0; pass < MinPasses || (pass < MaxPasses && Stopwatch.GetElapsedTime(begun) < TimeToMeasure); pass++)
        {
            for (var i = 0; i < texts.Count; i++)
            {
                var started = Stopwatch.GetTimestamp();
                _ = classifier.Classify(new TextPair(texts[i].Text, texts[i].Pair), cancellationToken: cancellationToken);
                best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        return best.Average();
    }
}
