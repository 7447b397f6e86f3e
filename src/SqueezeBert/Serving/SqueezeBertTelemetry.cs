namespace SqueezeBert;

/// <summary>
/// The names that a monitoring setup needs: <c>AddMeter(SqueezeBertTelemetry.MeterName)</c> and
/// <c>AddSource(SqueezeBertTelemetry.SourceName)</c>. docs/telemetry.md lists the instruments with their units and tags. None of them
/// contains a text.
/// </summary>
public static class SqueezeBertTelemetry
{
    /// <summary>The name of the meter, which reports calls, texts, tokens, times, the queue and memory.</summary>
    public const string MeterName = "SqueezeBert";

    /// <summary>The name of the activity source, which reports calls.</summary>
    public const string SourceName = "SqueezeBert";
}
