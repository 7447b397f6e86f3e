using System.Diagnostics;
using SqueezeBert.Serving;

namespace SqueezeBert.Pipelines;

/// <summary>A call as telemetry observes it. It is the default value if nothing listens.</summary>
/// <param name="Started">A timestamp, or 0 if the call is not observed.</param>
/// <param name="Activity">The activity of the call, or null if nothing listens to it.</param>
/// <param name="Error">The type of the exception that ended the call, or null.</param>
internal readonly record struct ObservedCall(long Started, Activity? Activity, string? Error)
{
    public bool IsSeen => Started != 0;

    public ObservedCall Failed(Exception e) => e is OperationCanceledException ? Cancelled() : this with { Error = e.GetType().FullName };

    public ObservedCall Cancelled() => this with { Error = CancelledType };

    /// <summary>The error type of cancellation. Several exceptions mean the same.</summary>
    private static string CancelledType => typeof(OperationCanceledException).FullName!;
}

/// <summary>Reports the calls of a pipeline, under its name and that of its model. Thread-safe.</summary>
internal sealed class PipelineTelemetry(string pipeline, InferenceModel model)
{
    /// <summary>OpenTelemetry's value for an error without further details.</summary>
    private const string OtherError = "_OTHER";

    private readonly string _activity = $"{pipeline} {model.Name}";

    public ObservedCall Begin()
    {
        if (!Telemetry.SeesCalls) return default;
        var activity = Telemetry.Activities.StartActivity(_activity);
        activity?.SetTag(Telemetry.PipelineTag, pipeline).SetTag(Telemetry.ModelTag, model.Name);
        return new ObservedCall(Stopwatch.GetTimestamp(), activity, null);
    }

    /// <summary>Begins a call that ends on another thread. Its activity does not become the current one of the caller.</summary>
    public ObservedCall BeginDetached()
    {
        if (!Telemetry.SeesCalls) return default;
        var current = Activity.Current;
        var call = Begin();
        if (call.Activity is not null) Activity.Current = current;
        return call;
    }

    public void End(in ObservedCall call, bool hasSucceeded)
    {
        if (!call.IsSeen) return;
        var tags = Tags();
        if (!hasSucceeded)
        {
            var error = call.Error ?? OtherError;
            tags.Add(Telemetry.ErrorTag, error);
            call.Activity?.SetTag(Telemetry.ErrorTag, error).SetStatus(ActivityStatusCode.Error);
        }

        Telemetry.Calls.Add(1, tags);
        Telemetry.CallDuration.Record(Stopwatch.GetElapsedTime(call.Started).TotalSeconds, tags);
        call.Activity?.Dispose();
    }

    public void CountStream()
    {
        if (Telemetry.Calls.Enabled) Telemetry.Calls.Add(1, Tags());
    }

    public void CountTexts(int texts, long tokens, long truncated, Activity? activity)
    {
        var tags = Tags();
        Telemetry.Texts.Add(texts, tags);
        Telemetry.Tokens.Add(tokens, tags);
        if (truncated > 0) Telemetry.TruncatedTexts.Add(truncated, tags);
        if (activity is null) return;
        activity.SetTag(Telemetry.TextsTag, texts + (activity.GetTagItem(Telemetry.TextsTag) as long? ?? 0));
        activity.SetTag(Telemetry.TokensTag, tokens + (activity.GetTagItem(Telemetry.TokensTag) as long? ?? 0));
    }

    public void Waited(TimeSpan time) => Telemetry.QueueDuration.Record(time.TotalSeconds, Tags());

    /// <summary>Reports a batch of asynchronous calls.</summary>
    public void Batched(int texts, long tokens, TimeSpan tokenization, TimeSpan computation)
    {
        var tags = Tags();
        Telemetry.BatchTexts.Record(texts, tags);
        Telemetry.BatchTokens.Record(tokens, tags);
        Telemetry.TokenizationDuration.Record(tokenization.TotalSeconds, tags);
        Telemetry.BatchDuration.Record(computation.TotalSeconds, tags);
    }

    private TagList Tags() => new() { { Telemetry.PipelineTag, pipeline }, { Telemetry.ModelTag, model.Name } };
}
