using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training;

/// <summary>What a compression tried, kept and came to.</summary>
public sealed record CompressionReport
{
    /// <summary>The figure that is the score.</summary>
    public required string Metric { get; init; }

    /// <summary>The given model on the part of the data that decided.</summary>
    public required CompressionFigures Before { get; init; }

    /// <summary>The smaller model on the same part.</summary>
    public required CompressionFigures After { get; init; }

    /// <summary>The given model on the part of the data that decided nothing.</summary>
    public required CompressionFigures BeforeElsewhere { get; init; }

    /// <summary>The smaller model on the part of the data that decided nothing: what can be expected of it.</summary>
    public required CompressionFigures AfterElsewhere { get; init; }

    /// <summary>All that was tried, in order.</summary>
    public required IReadOnlyList<CompressionStep> Steps { get; init; }

    /// <summary>What was left as it is, and why.</summary>
    public required IReadOnlyList<CompressionRemark> LeftAlone { get; init; }

    /// <summary>The smaller model's configuration.</summary>
    public required ModelConfiguration Configuration { get; init; }

    /// <summary>Examples that pruned models could be healed on; 0: nothing was trained.</summary>
    public int HealingExamples { get; init; }

    /// <summary>
    /// Writes one object: metric, before, after, before_elsewhere, after_elsewhere {bytes, milliseconds, score, examples},
    /// healing_examples, steps [{kind, change, healed, outcome, …}], left_alone [{kind, reason}].
    /// </summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("metric", Metric);
        foreach (var (name, figures) in (ReadOnlySpan<(string, CompressionFigures)>)[
            ("before", Before), ("after", After), ("before_elsewhere", BeforeElsewhere), ("after_elsewhere", AfterElsewhere)])
        {
            writer.WriteStartObject(name);
            figures.WriteFields(writer);
            writer.WriteEndObject();
        }

        writer.WriteNumber("healing_examples", HealingExamples);
        writer.WriteStartArray("steps");
        foreach (var step in Steps)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", step.Kind);
            writer.WriteString("change", step.Change);
            writer.WriteBoolean("healed", step.IsHealed);
            writer.WriteString("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(step.Outcome.ToString()));
            step.Figures.WriteFields(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("left_alone");
        foreach (var remark in LeftAlone)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", remark.Kind);
            writer.WriteString("reason", remark.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

/// <summary>A model's size, speed and score.</summary>
/// <param name="Bytes">Of its weights as they are stored.</param>
/// <param name="Milliseconds">Mean time of a text that is answered alone, of a sample of the texts.</param>
/// <param name="Score">0 to 100; NaN where it is not defined.</param>
/// <param name="Examples">That the score is of.</param>
public sealed record CompressionFigures(long Bytes, double Milliseconds, double Score, int Examples)
{
    internal void WriteFields(Utf8JsonWriter writer)
    {
        writer.WriteNumber("bytes", Bytes);
        writer.WriteNumber("milliseconds", Math.Round(Milliseconds, 4));
        if (double.IsFinite(Score)) writer.WriteNumber("score", Score);
        else writer.WriteNull("score");
        writer.WriteNumber("examples", Examples);
    }
}

/// <summary>What came of something that was tried.</summary>
public enum CompressionOutcome
{
    /// <summary>The smaller model has it.</summary>
    Kept,

    /// <summary>It stayed within the loss, and so did more of its kind.</summary>
    Surpassed,

    /// <summary>It lost more than may be lost.</summary>
    LostTooMuch,
}

/// <summary>One thing that was tried.</summary>
/// <param name="Kind">int8, table, layers, heads or channels.</param>
/// <param name="Change">What was tried: "4 to 3".</param>
/// <param name="Figures">The model with it and with all that was kept before, on the part that decides.</param>
/// <param name="Outcome">Whether the smaller model has it.</param>
/// <param name="IsHealed">Whether the model was trained before it was measured.</param>
public sealed record CompressionStep(string Kind, string Change, CompressionFigures Figures, CompressionOutcome Outcome, bool IsHealed);

/// <summary>Why something was left as it is.</summary>
/// <param name="Kind">int8, table, layers, heads, channels or vocabulary.</param>
/// <param name="Reason">A part of a sentence.</param>
public sealed record CompressionRemark(string Kind, string Reason);

/// <summary>How far a compression has come.</summary>
/// <param name="Kind">What is tried at the moment: int8, table, layers, heads, channels, or report.</param>
/// <param name="Fraction">0 to 1, by kinds: some take longer than others.</param>
/// <param name="Step">A step that has just ended, or null. Its outcome may still become <see cref="CompressionOutcome.Surpassed"/>.</param>
public readonly record struct CompressionProgress(string Kind, double Fraction, CompressionStep? Step);
