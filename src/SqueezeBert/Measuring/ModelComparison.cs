using System.Diagnostics;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;

namespace SqueezeBert.Measuring;

/// <summary>The time for one text.</summary>
/// <param name="Tokens">The length of the text in tokens.</param>
/// <param name="Milliseconds">The median, or null if the model cannot read that many tokens.</param>
internal sealed record TextTime(int Tokens, double? Milliseconds);

/// <summary>The cost of a model on this machine.</summary>
/// <param name="Path">The path, as given.</param>
/// <param name="ClassName">Architecture and head: "SqueezeBertForSequenceClassification".</param>
/// <param name="Parameters">The number of elements of all parameters. Tied parameters count once.</param>
/// <param name="FileBytes">The number of bytes of the checkpoint's tensors.</param>
/// <param name="Flops">
/// The number of floating-point operations for one text of <see cref="ModelComparison.FlopTokens"/> tokens. A multiply-add counts as two.
/// </param>
/// <param name="LoadTime">The time from the path to a model that is ready to run. The system may have the files in its cache.</param>
/// <param name="Times">The time for a single text of each length.</param>
/// <param name="MemoryBytes">The native memory of weights and activations after the longest text, in bytes.</param>
internal sealed record ModelMeasurement(
    string Path, string ClassName, long Parameters, long FileBytes, long Flops, TimeSpan LoadTime, IReadOnlyList<TextTime> Times,
    long MemoryBytes);

/// <summary>
/// Measures several models together. They alternate text by text, so that a slower phase of the machine affects all of them.
/// </summary>
internal static class ModelComparison
{
    /// <summary>The number of tokens of the text for which floating-point operations are counted.</summary>
    public const int FlopTokens = 128;

    private const int WarmUps = 3;
    private const int MinRounds = 5;
    private const int MaxRounds = 1000;

    /// <summary>The lengths of the measured texts, in tokens.</summary>
    public static IReadOnlyList<int> Lengths { get; } = [16, 128, 384];

    /// <param name="paths">The folders of the models. All of them are in memory at the same time.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="budget">The time to spend on each model and length. At least five runs are done, even if they take longer.</param>
    /// <param name="progress">Receives the completed share of the work, 0 to 1. Null reports nothing.</param>
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

    /// <summary>A loaded model and its measurements.</summary>
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
