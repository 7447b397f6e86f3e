using System.Diagnostics;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Teachers;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.TeacherCaches;

/// <summary>Runs a teacher over texts and writes its rows down. Not thread-safe.</summary>
internal sealed unsafe class CacheFiller : IDisposable
{
    private const int TokensAtATime = 4096;
    private const double SecondsBetweenMessages = 60;

    private readonly Engine _model;
    private readonly Teacher _teacher;
    private readonly ITargetRows _rows;
    private readonly PackedBatch _batch = new();
    private int[] _types = [];

    /// <param name="teacher">The teacher's folder; may be closed afterwards.</param>
    /// <param name="kind">What is computed.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    public CacheFiller(ModelFolder teacher, CacheKind kind, WorkerPool pool)
    {
        var isVectors = kind == CacheKind.Vectors;
        _model = ModelLoader.Load(teacher, isVectors ? ModelHead.None : ModelHead.SequenceClassification, pool: pool);
        _teacher = new Teacher(_model, isVectors ? [] : [OutputNames.Logits], isVectors, pool);
        _rows = isVectors ? _teacher.MeanVectors : _teacher.Output(OutputNames.Logits);
    }

    /// <summary>The time that texts will take, from the speed of a pass over some of middle length.</summary>
    /// <param name="texts">Shortest first; at least one.</param>
    public TimeSpan Estimate(IReadOnlyList<(ExampleSet Set, int Example)> texts)
    {
        _ = Run(texts, texts.Count / 2);
        var started = Stopwatch.GetTimestamp();
        _ = Run(texts, texts.Count / 2);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return TimeSpan.FromSeconds(texts.Sum(text => (double)text.Set[text.Example].Length) / _batch.TokenCount * seconds);
    }

    /// <summary>Computes and writes all rows. When <paramref name="cancellationToken"/> fires, what is done is written first.</summary>
    /// <param name="texts">Shortest first, each once.</param>
    /// <param name="writer">Takes the rows.</param>
    /// <param name="tell">Told now and then how far it is.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each batch.</param>
    public void Fill(
        IReadOnlyList<(ExampleSet Set, int Example)> texts, CacheWriter writer, Action<string> tell, CancellationToken cancellationToken)
    {
        var told = Stopwatch.GetTimestamp();
        for (var first = 0; first < texts.Count;)
        {
            if (cancellationToken.IsCancellationRequested) writer.Flush();
            cancellationToken.ThrowIfCancellationRequested();
            var end = Run(texts, first);
            for (var i = first; i < end; i++)
            {
                writer.Add(
                    TextKey.Of(texts[i].Set, texts[i].Set[texts[i].Example]),
                    new ReadOnlySpan<float>(_rows.Rows.Row(i - first), _rows.Rows.Width));
            }

            first = end;
            if (Stopwatch.GetElapsedTime(told).TotalSeconds < SecondsBetweenMessages) continue;
            told = Stopwatch.GetTimestamp();
            tell(string.Create(CultureInfo.InvariantCulture, $"teacher's cache: {end:N0} of {texts.Count:N0} texts"));
        }
    }

    public void Dispose()
    {
        _teacher.Dispose();
        _model.Dispose();
    }

    // A batch of the texts from one on; returns the first behind it.
    private int Run(IReadOnlyList<(ExampleSet Set, int Example)> texts, int first)
    {
        _batch.Clear();
        var end = first;
        for (; end < texts.Count; end++)
        {
            var (set, number) = texts[end];
            var example = set[number];
            if (end > first && _batch.TokenCount + example.Length > TokensAtATime) break;
            if (_types.Length < example.Length) _types = new int[2 * example.Length];
            var types = _types.AsSpan(0, example.Length);
            types.Clear();
            types[example.SecondStart..].Fill(1);
            _batch.Add(set.Tokens(example), types);
        }

        _teacher.Run(_batch);
        return end;
    }
}
