namespace SqueezeBert;

/// <summary>
/// Names that monitoring asks for: <c>AddMeter(SqueezeBertTelemetry.MeterName)</c>, <c>AddSource(SqueezeBertTelemetry.SourceName)</c>. The
/// instruments, their units and tags are listed in docs/telemetry.md; none of them holds a text.
/// </summary>
public static class SqueezeBertTelemetry
{
    /// <summary>The meter of calls, texts, tokens, times, the queue and memory.</summary>
    public const string MeterName = "SqueezeBert";

    /// <summary>The activity source of calls.</summary>
    public const string SourceName = "SqueezeBert";
}
