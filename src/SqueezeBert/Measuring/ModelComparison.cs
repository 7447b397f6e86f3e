using System.Diagnostics;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;

namespace SqueezeBert.Measuring;

/// <summary>Time of one text.</summary>
/// <param name="Tokens">Its length.</param>
/// <param name="Milliseconds">Median; null where the model does not read as many tokens.</param>
internal sealed record TextTime(int Tokens, double? Milliseconds);

/// <summary>What a model costs on this machine.</summary>
/// <param name="Path">As given.</param>
/// <param name="ClassName">Architecture and head: "SqueezeBertForSequenceClassification".</param>
/// <param name="Parameters">Elements of all parameters, tied ones once.</param>
/// <param name="FileBytes">Bytes of the checkpoint's tensors.</param>
/// <param name="Flops">Floating-point operations for one text of <see cref="ModelComparison.FlopTokens"/> tokens; a multiply-add counts as
/// two.</param>
/// <param name="LoadTime">From the path to a model that is ready to run, with files that the system may have in its cache.</param>
/// <param name="Times">A text alone, for each of the lengths.</param>
/// <param name="MemoryBytes">Native memory of weights and activations after the longest text.</param>
internal sealed record ModelMeasurement(
    string Path, string ClassName, long Parameters, long FileBytes, long Flops, TimeSpan LoadTime, IReadOnlyList<TextTime> Times,
    long MemoryBytes);

/// <summary>Measures models side by side: they take turns, text by text, so that a machine that slows down slows all of them.</summary>
internal static class ModelComparison
{
    /// <summary>Tokens of the text that floating-point operations are counted for.</summary>
    public const int FlopTokens = 128;

    private const int WarmUps = 3;
    private const int MinRounds = 5;
    private const int MaxRounds = 1000;

    /// <summary>Tokens of the texts that are timed.</summary>
    public static IReadOnlyList<int> Lengths { get; } = [16, 128, 384];

    /// <param name="paths">Model folders; all are in memory at the same time.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="budget">Time to spend on each model and length, where five runs do not take longer.</param>
    /// <param name="progress">Told the share of the work that is done, 0 to 1; null: no one.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="InvalidModelFileException">A model cannot be read.</exception>
    /// <exception cref="UnsupportedModelException">A model's head is not supported.</exception>
    public static IReadOnlyList<ModelMeasurement> Run(
        IReadOnlyList<string> paths, EngineOptions? options, TimeSpan budget, Action<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var runners = new List<Runner>();
        try
        {
            foreach (var path in paths)
            {
                cancellationToken.ThrowIfCancellationRequested();
                runners.Add(new Runner(path, options));
            }

            for (var i = 0; i < Lengths.Count; i++)
            {
                progress?.Invoke((double)(i + 1) / (Lengths.Count + 1));
                Measure([.. runners.Where(runner => Lengths[i] <= runner.LongestText)], Lengths[i], budget, cancellationToken);
            }

            return [.. runners.Select(runner => runner.Result())];
        }
        finally
        {
            foreach (var runner in runners) runner.Dispose();
        }
    }

    private static void Measure(IReadOnlyList<Runner> runners, int length, TimeSpan budget, CancellationToken cancellationToken)
    {
        for (var i = 0; i < WarmUps; i++)
        {
            foreach (var runner in runners) runner.Run(length, cancellationToken);
        }

        var times = runners.Select(_ => new List<double>()).ToArray();
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < MinRounds || (round < MaxRounds && watch.Elapsed < budget * runners.Count); round++)
        {
            for (var i = 0; i < runners.Count; i++) times[i].Add(runners[i].Run(length, cancellationToken));
        }

        for (var i = 0; i < runners.Count; i++)
        {
            times[i].Sort();
            runners[i].Times.Add(length, times[i][times[i].Count / 2]);
        }
    }

    /// <summary>A loaded model and what was measured of it.</summary>
    private sealed class Runner : IDisposable
    {
        private readonly string _path;
        private readonly TimeSpan _loadTime;
        private readonly long _fileBytes;
        private readonly Engine _model;
        private readonly ModelSession _session;
        private readonly PackedBatch _batch = new();

        public Runner(string path, EngineOptions? options)
        {
            _path = path;
            var watch = Stopwatch.StartNew();
            using var folder = ModelFolder.Open(path);
            _model = ModelLoader.Load(folder, options: options);
            _loadTime = watch.Elapsed;
            _fileBytes = folder.StoredTensors.Names.Sum(name => folder.StoredTensors.TryGetTensor(name, out var info) ? info.ByteCount : 0);
            _session = _model.CreateSession(NamedHeads.Outputs(_model.Graph, static head => head.Answers));
        }

        public int LongestText => _model.Configuration.MaxPositionEmbeddings;

        public SortedDictionary<int, double> Times { get; } = [];

        public double Run(int length, CancellationToken cancellationToken)
        {
            _batch.Clear();
            _batch.Add([.. Enumerable.Range(0, length).Select(i => (i * 37) % _model.Configuration.VocabularySize)]);
            _batch.Select(length / 2);
            var start = Stopwatch.GetTimestamp();
            _session.Run(_batch, cancellationToken);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        public ModelMeasurement Result() => new(
            _path,
            ModelHeads.ClassName(_model.Configuration, _model.Head),
            ModelCost.ParameterCount(_model.Graph),
            _fileBytes,
            ModelCost.Flops(_model.Graph, FlopTokens),
            _loadTime,
            [.. Lengths.Select(length => new TextTime(length, Times.TryGetValue(length, out var time) ? time : null))],
            _model.WeightBytes + _session.ActivationBytes);

        public void Dispose()
        {
            _session.Dispose();
            _model.Dispose();
        }
    }
}
