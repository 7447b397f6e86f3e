using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SqueezeBert.Serving;

/// <summary>
/// The instruments of all models of the process. Checking whether anything listens reads one field each. If nothing listens, nothing else
/// is done.
/// </summary>
internal static class Telemetry
{
    public const string PipelineTag = "squeezebert.pipeline";
    public const string ModelTag = "squeezebert.model";
    public const string ErrorTag = "error.type";
    public const string TextsTag = "squeezebert.texts";
    public const string TokensTag = "squeezebert.tokens";

    /// <summary>OpenTelemetry's advice for durations, extended by the milliseconds that small models take.</summary>
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly List<WeakReference<InferenceModel>> Models = [];
    private static readonly Meter Meter = new(
        SqueezeBertTelemetry.MeterName, typeof(Telemetry).Assembly.GetName().Version?.ToString(3));

    public static readonly ActivitySource Activities = new(
        SqueezeBertTelemetry.SourceName, typeof(Telemetry).Assembly.GetName().Version?.ToString(3));

    public static readonly Counter<long> Calls = Meter.CreateCounter<long>(
        "squeezebert.calls", "{call}", "Calls of pipelines, streams included.");

    public static readonly Histogram<double> CallDuration = Meter.CreateHistogram(
        "squeezebert.call.duration", "s", "Time from the call to its result, waiting included; not of streams.", null, Seconds);

    public static readonly Counter<long> Texts = Meter.CreateCounter<long>(
        "squeezebert.texts", "{text}", "Texts, pairs or questions that were computed.");

    public static readonly Counter<long> Tokens = Meter.CreateCounter<long>(
        "squeezebert.tokens", "{token}", "Tokens that were read of them, special tokens included.");

    public static readonly Counter<long> TruncatedTexts = Meter.CreateCounter<long>(
        "squeezebert.truncated_texts", "{text}", "Texts of which not all was read.");

    public static readonly Histogram<double> QueueDuration = Meter.CreateHistogram(
        "squeezebert.queue.duration", "s", "Time until a batch begins: of a text in the queue, or of a caller that waits for its turn.",
        null, Seconds);

    public static readonly Histogram<long> BatchTexts = Meter.CreateHistogram(
        "squeezebert.batch.texts", "{text}", "Texts of asynchronous calls that are computed together.", null, PowersOfTwo(12));

    public static readonly Histogram<long> BatchTokens = Meter.CreateHistogram(
        "squeezebert.batch.tokens", "{token}", "Their tokens.", null, PowersOfTwo(20));

    public static readonly Histogram<double> TokenizationDuration = Meter.CreateHistogram(
        "squeezebert.tokenization.duration", "s", "Time of a batch of asynchronous calls for its tokens.", null, Seconds);

    public static readonly Histogram<double> BatchDuration = Meter.CreateHistogram(
        "squeezebert.batch.duration", "s", "Time of a batch of asynchronous calls for its layers.", null, Seconds);

    static Telemetry()
    {
        Observe("squeezebert.queue.texts", "{text}", "Texts of asynchronous calls that wait.", model => model.QueueLength);
        Observe("squeezebert.batches.active", "{batch}", "Batches that are computed now.", model => model.Turns.Active);
        Observe("squeezebert.memory.weights", "By", "Native memory of the weights.", model => model.WeightBytes);
        Observe(
            "squeezebert.memory.retained", "By", "Native working memory that is kept for the next calls.", model => model.RetainedBytes);
    }

    public static bool SeesCalls => Calls.Enabled || CallDuration.Enabled || Activities.HasListeners();

    public static bool SeesBatches =>
        BatchTexts.Enabled || BatchTokens.Enabled || TokenizationDuration.Enabled || BatchDuration.Enabled;

    public static bool SeesTexts => Texts.Enabled || Tokens.Enabled || TruncatedTexts.Enabled;

    /// <summary>Adds a model, which is observed until its memory is freed.</summary>
    public static void Add(InferenceModel model)
    {
        lock (Models)
        {
            Models.RemoveAll(static item => !item.TryGetTarget(out var known) || known.Engine.Lifetime.Ended.IsCompleted);
            Models.Add(new WeakReference<InferenceModel>(model));
        }
    }

    private static InstrumentAdvice<long> PowersOfTwo(int largest) => new()
    {
        HistogramBucketBoundaries = [.. Enumerable.Range(0, largest + 1).Select(power => 1L << power)],
    };

    private static void Observe(string name, string unit, string description, Func<InferenceModel, long> value) =>
        Meter.CreateObservableUpDownCounter(name, () => Values(value), unit, description);

    /// <summary>
    /// Returns the values of all models. Models with the same name are combined, because a series has one value at a time.
    /// </summary>
    private static IEnumerable<Measurement<long>> Values(Func<InferenceModel, long> value)
    {
        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        lock (Models)
        {
            foreach (var item in Models)
            {
                if (!item.TryGetTarget(out var model) || model.Engine.Lifetime.Ended.IsCompleted) continue;
                sums[model.Name] = sums.GetValueOrDefault(model.Name) + value(model);
            }
        }

        return sums.Select(sum => new Measurement<long>(sum.Value, new KeyValuePair<string, object?>(ModelTag, sum.Key)));
    }
}
