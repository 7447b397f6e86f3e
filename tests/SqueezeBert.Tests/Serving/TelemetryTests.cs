using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Serving;

/// <summary>What meter and activity source say of calls. Each test has a model of its own name, since other tests run beside it.</summary>
public sealed class TelemetryTests : IDisposable
{
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("good", 100));
    private readonly string _name = Guid.NewGuid().ToString("N");
    private readonly ClassifierFolder _folder = new();
    private readonly MeterListener _meter = new();
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> _measured = new();

    public TelemetryTests()
    {
        _meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == SqueezeBertTelemetry.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _meter.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meter.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meter.Start();
    }

    public void Dispose()
    {
        _meter.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void CallsTextsAndTokensAreCounted()
    {
        using var classifier = TextClassifier.Load(_folder.Path, null, new ModelOptions { Name = _name, BatchTokens = 8 });
        var one = classifier.Classify("very good").Read;
        var many = classifier.Classify(["good", Long, "bad film"]);
        classifier.Classify("good".AsSpan(), new float[3], out var span);
        var stream = classifier.ClassifyStream(["good", "bad", "film"]).ToList();
        Assert.Equal(4, Sum("squeezebert.calls"));
        Assert.Equal(3, Of("squeezebert.call.duration").Count);
        Assert.All(Of("squeezebert.call.duration"), item => Assert.InRange(item.Value, 1e-9, 60));
        Assert.Equal(8, Sum("squeezebert.texts"));
        Assert.Equal(
            one.TokenCount + many.Sum(answer => answer.Read.TokenCount) + span.TokenCount + stream.Sum(answer => answer.Read.TokenCount),
            Sum("squeezebert.tokens"));
        Assert.Equal(1, Sum("squeezebert.truncated_texts"));
        Assert.All(_measured.Where(item => Equals(item.Tags["squeezebert.model"], _name)), item =>
            Assert.Equal(nameof(TextClassifier), item.Tags["squeezebert.pipeline"]));
        Assert.DoesNotContain(_measured, item => item.Tags.ContainsKey("error.type") && Equals(item.Tags["squeezebert.model"], _name));
    }

    [Fact]
    public async Task AsynchronousCallsSayHowLongTheyWaited()
    {
        using var classifier = TextClassifier.Load(_folder.Path, null, new ModelOptions { Name = _name });
        await classifier.ClassifyAsync("very good", cancellationToken: TestContext.Current.CancellationToken);
        await classifier.ClassifyAsync(["a", "b", "c"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(2, Sum("squeezebert.calls"));
        Assert.Equal(2, Of("squeezebert.call.duration").Count);
        Assert.Equal(4, Sum("squeezebert.texts"));
        Assert.Equal(4, Of("squeezebert.queue.duration").Count);
        Assert.True(Of("squeezebert.queue.duration").Max(item => item.Value) <= Of("squeezebert.call.duration").Max(item => item.Value));
    }

    [Fact]
    public async Task ACallThatFailsSaysWhy()
    {
        using var classifier = TextClassifier.Load(_folder.Path, null, new ModelOptions { Name = _name });
        var refusing = new ReadingOptions { LongText = LongText.Error };
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.Throws<ArgumentException>(() => classifier.Classify(Long, refusing));
        await Assert.ThrowsAsync<ArgumentException>(() => classifier.ClassifyAsync(Long, refusing));
        await Assert.ThrowsAsync<ArgumentException>(() => classifier.ClassifyAsync([Long], refusing));
        Assert.ThrowsAny<OperationCanceledException>(() => classifier.Classify("good", cancellationToken: cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => classifier.ClassifyAsync("good", cancellationToken: cancelled.Token));
        Assert.Throws<ArgumentException>(() => classifier.Classify(Long.AsSpan(), new float[3], out _, refusing));
        Assert.Equal(
            ["System.ArgumentException", "System.ArgumentException", "System.ArgumentException",
                "System.OperationCanceledException", "System.OperationCanceledException", "_OTHER"],
            Of("squeezebert.calls").Select(item => item.Tags["error.type"]));
        Assert.Empty(Of("squeezebert.texts"));
    }

    [Fact]
    public async Task ACallHasAnActivity()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SqueezeBertTelemetry.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var classifier = TextClassifier.Load(_folder.Path, null, new ModelOptions { Name = _name, BatchTokens = 4 });
        var read = classifier.Classify(["good", "very bad"]).Sum(answer => answer.Read.TokenCount);
        Assert.Null(Activity.Current);
        var task = classifier.ClassifyAsync("good", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(Activity.Current);
        Assert.NotEmpty((await task).Label);
        Assert.True(SpinWait.SpinUntil(() => Mine().Count == 2, TimeSpan.FromMinutes(1)));
        var activity = Mine()[0];
        Assert.Equal($"TextClassifier {_name}", activity.DisplayName);
        Assert.Equal((2L, (long)read), (activity.GetTagItem("squeezebert.texts"), activity.GetTagItem("squeezebert.tokens")));
        Assert.All(Mine(), item => Assert.True(item.Duration > TimeSpan.Zero));

        List<Activity> Mine() => [.. ended.Where(item => Equals(item.GetTagItem("squeezebert.model"), _name))];
    }

    [Fact]
    public void ModelsAreObservedUntilTheirMemoryIsFreed()
    {
        var options = new ModelOptions { Name = _name };
        using (var classifier = TextClassifier.Load(_folder.Path, null, options))
        {
            classifier.Classify("good");
            _meter.RecordObservableInstruments();
            Assert.Equal(classifier.Model.WeightBytes, Of("squeezebert.memory.weights").Single().Value);
            Assert.Equal(classifier.Model.RetainedBytes, Of("squeezebert.memory.retained").Single().Value);
            Assert.True(classifier.Model.RetainedBytes > 0);
            Assert.Equal(0, Of("squeezebert.batches.active").Single().Value);
            Assert.Equal(0, Of("squeezebert.queue.texts").Single().Value);
            using var second = InferenceModel.Load(_folder.Path, options);
            _measured.Clear();
            _meter.RecordObservableInstruments();
            Assert.Equal(classifier.Model.WeightBytes + second.WeightBytes, Of("squeezebert.memory.weights").Single().Value);
        }

        _measured.Clear();
        _meter.RecordObservableInstruments();
        Assert.Empty(Of("squeezebert.memory.weights"));
    }

    [Fact]
    public void TheNameIsThatOfTheFolderOrOfTheHub()
    {
        using var model = InferenceModel.Load(_folder.Path);
        Assert.Equal(Path.GetFileName(_folder.Path), model.Name);
        var cached = Directory.CreateDirectory(Path.Combine(_folder.Path, "models--owner--some-name", "snapshots", "abc")).FullName;
        foreach (var file in Directory.EnumerateFiles(_folder.Path)) File.Copy(file, Path.Combine(cached, Path.GetFileName(file)));
        using var ofHub = InferenceModel.Load(cached);
        Assert.Equal("owner/some-name", ofHub.Name);
        using var ofFile = InferenceModel.Load(Path.Combine(_folder.Path, "model.safetensors"));
        Assert.Equal(model.Name, ofFile.Name);
    }

    [Fact]
    public void ThePageListsEveryInstrument()
    {
        using var model = InferenceModel.Load(_folder.Path);
        var instruments = new ConcurrentQueue<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == SqueezeBertTelemetry.MeterName) instruments.Enqueue(instrument);
            },
        };
        listener.Start();
        var rows = File.ReadAllLines(Path.Combine(Root(), "docs", "telemetry.md"))
            .Where(line => line.StartsWith("| `squeezebert.", StringComparison.Ordinal))
            .Select(line => string.Join(" | ", line.Split('|', StringSplitOptions.TrimEntries)[1..5]));
        Assert.Equal(
            instruments.Select(item => $"`{item.Name}` | {item.GetType().Name.Split('`')[0]} | `{item.Unit}` | {item.Description}").Order(),
            rows.Order());
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "SqueezeBert.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private double Sum(string instrument) => Of(instrument).Sum(item => item.Value);

    private List<(string Name, double Value, Dictionary<string, object?> Tags)> Of(string instrument) =>
        [.. _measured.Where(item => item.Name == instrument && Equals(item.Tags["squeezebert.model"], _name))];

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue((instrument.Name, value, new Dictionary<string, object?>(tags.ToArray())));
}
