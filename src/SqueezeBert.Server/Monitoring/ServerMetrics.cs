using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using SqueezeBert.Server.Models;

namespace SqueezeBert.Server.Monitoring;

/// <summary>
/// The metrics of the server in the text format of Prometheus: counters with the names of text-embeddings-inference, all instruments of the
/// library, and those of the runtime for memory, collections and threads. None of them contains a text. Thread-safe.
/// </summary>
internal sealed class ServerMetrics : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string RuntimeMeter = "System.Runtime";

    /// <summary>Beginnings of the names of the runtime's instruments that are told.</summary>
    private static readonly string[] RuntimeInstruments = ["dotnet.gc.", "dotnet.process.", "dotnet.thread_pool."];

    private static readonly double[] Seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _instruments = new(StringComparer.Ordinal);
    private readonly MetricFamily _count = new("te_request_count", "counter", "Requests that began to be computed.");
    private readonly MetricFamily _success = new("te_request_success", "counter", "Requests that were answered.");
    private readonly MetricFamily _failure = new("te_request_failure", "counter", "Requests that were not, by the reason.");
    private readonly MetricFamily _duration = new("te_request_duration", "histogram", "Seconds from a request to its answer.", Seconds);
    private readonly MetricFamily _inputLength = new(
        "te_request_input_length", "histogram", "Tokens that were read of a text.", PowersOfTwo(16));

    private readonly MetricFamily _queue = new("te_queue_size", "gauge", "Requests that are computed or wait.");
    private readonly MetricFamily _queueTokens = new("squeezebert_server_queue_tokens", "gauge", "Their estimated tokens.");
    /// <summary>
    /// What text-embeddings-inference measures of batches, from the library's instruments. Its times are those of requests; these are those
    /// of the batches that requests were computed in.
    /// </summary>
    private readonly Dictionary<string, MetricFamily> _batches = new(StringComparer.Ordinal)
    {
        ["squeezebert.batch.texts"] = new("te_batch_next_size", "histogram", "Texts of a batch.", PowersOfTwo(12)),
        ["squeezebert.batch.tokens"] = new("te_batch_next_tokens", "histogram", "Tokens of a batch.", PowersOfTwo(20)),
        ["squeezebert.tokenization.duration"] = new(
            "te_request_tokenization_duration", "histogram", "Seconds of a batch for its tokens.", Seconds),
        ["squeezebert.queue.duration"] = new(
            "te_request_queue_duration", "histogram", "Seconds until the batch of a text begins.", Seconds),
        ["squeezebert.batch.duration"] = new("te_request_inference_duration", "histogram", "Seconds of a batch for its layers.", Seconds),
    };

    private readonly ServedModels _models;

    public ServerMetrics(ServedModels models)
    {
        _models = models;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (IsTold(instrument)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public void Began(bool isBatch) => _count[Method(isBatch)].Add(1);

    public void Succeeded(bool isBatch, TimeSpan elapsed)
    {
        _success[Method(isBatch)].Add(1);
        _duration[""].Add(elapsed.TotalSeconds);
    }

    /// <summary>A text was read.</summary>
    public void Read(int tokens) => _inputLength[""].Add(tokens);

    public void Failed(string reason) => _failure[$"err=\"{reason}\""].Add(1);

    public override string ToString()
    {
        _listener.RecordObservableInstruments();
        foreach (var model in _models.All)
        {
            _queue[$"model=\"{model.Name}\""].Set(model.Queue.Requests + model.Queue.Waiting);
            _queueTokens[$"model=\"{model.Name}\""].Set(model.Queue.Tokens);
        }

        var text = new StringBuilder();
        foreach (var family in (IEnumerable<MetricFamily>)[
            _count, _success, _failure, _duration, _inputLength, .. _batches.Values, _queue, _queueTokens]) family.Write(text);
        foreach (var (_, family) in _instruments.OrderBy(item => item.Key, StringComparer.Ordinal)) family.Write(text);
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static double[] PowersOfTwo(int largest) => [.. Enumerable.Range(0, largest + 1).Select(power => (double)(1 << power))];

    private static bool IsTold(Instrument instrument) => instrument.Meter.Name == SqueezeBertTelemetry.MeterName
        || (instrument.Meter.Name == RuntimeMeter
            && RuntimeInstruments.Any(start => instrument.Name.StartsWith(start, StringComparison.Ordinal)));

    private static string Method(bool isBatch) => isBatch ? "method=\"batch\"" : "method=\"single\"";

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var family = _instruments.GetOrAdd(instrument.Name, static (_, instrument) => NewFamily(instrument), instrument);
        var series = family[MetricFamily.Labels(tags)];
        if (instrument.IsObservable) series.Set(value);
        else series.Add(value);
        if (_batches.TryGetValue(instrument.Name, out var batches)) batches[""].Add(value);
    }

    private static MetricFamily NewFamily(Instrument instrument)
    {
        var name = MetricFamily.NameOf(instrument.Name);
        var help = instrument.Description ?? instrument.Name;
        return instrument switch
        {
            Histogram<double> histogram => new MetricFamily(
                $"{name}_seconds", "histogram", help, [.. histogram.Advice?.HistogramBucketBoundaries ?? Seconds]),
            Histogram<long> histogram => new MetricFamily(
                name, "histogram", help, [.. (histogram.Advice?.HistogramBucketBoundaries ?? []).Select(bound => (double)bound)]),
            Counter<long> or ObservableCounter<long> or ObservableCounter<double> => new MetricFamily($"{name}_total", "counter", help),
            _ => new MetricFamily(instrument.Unit == "By" ? $"{name}_bytes" : name, "gauge", help),
        };
    }
}
