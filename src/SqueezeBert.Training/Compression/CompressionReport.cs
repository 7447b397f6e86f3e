using System.Text.Json;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training;

/// <summary>The result of a compression: what was tried, what was kept, and what it cost.</summary>
public sealed record CompressionReport
{
    /// <summary>The name of the figure that is used as the score.</summary>
    public required string Metric { get; init; }

    /// <summary>The figures of the original model on the part of the data that decided.</summary>
    public required CompressionFigures Before { get; init; }

    /// <summary>The figures of the compressed model on the same part.</summary>
    public required CompressionFigures After { get; init; }

    /// <summary>The figures of the original model on the part of the data that decided nothing.</summary>
    public required CompressionFigures BeforeElsewhere { get; init; }

    /// <summary>
    /// The figures of the compressed model on the part of the data that decided nothing. They show what can be expected of it.
    /// </summary>
    public required CompressionFigures AfterElsewhere { get; init; }

    /// <summary>The steps that were tried, in order.</summary>
    public required IReadOnlyList<CompressionStep> Steps { get; init; }

    /// <summary>The parts of the model that were not changed, with the reasons.</summary>
    public required IReadOnlyList<CompressionRemark> LeftAlone { get; init; }

    /// <summary>The configuration of the compressed model.</summary>
    public required ModelConfiguration Configuration { get; init; }

    /// <summary>The number of examples that pruned models could be trained on; 0 if there was no training.</summary>
    public int HealingExamples { get; init; }

    /// <summary>
    /// Writes one JSON object: metric, before, after, before_elsewhere, after_elsewhere {bytes, milliseconds, score, examples},
    /// healing_examples, steps [{kind, change, healed, outcome, …}], left_alone [{kind, reason}].
    /// </summary>
    /// <param name="writer">The writer that receives the object.</param>
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

/// <summary>The size, speed and score of a model.</summary>
/// <param name="Bytes">The number of bytes of the stored weights.</param>
/// <param name="Milliseconds">
/// The mean time to process one text in a call of its own, in milliseconds, measured on a sample of the texts.
/// </param>
/// <param name="Score">The score, 0 to 100, or NaN if it is undefined.</param>
/// <param name="Examples">The number of examples that the score was measured on.</param>
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

/// <summary>The outcome of a step of a compression.</summary>
public enum CompressionOutcome
{
    /// <summary>The change is part of the compressed model.</summary>
    Kept,

    /// <summary>The change stayed within the permitted loss, but a stronger change of the same kind did so too.</summary>
    Surpassed,

    /// <summary>The change lost more than is permitted.</summary>
    LostTooMuch,
}

/// <summary>A step of a compression.</summary>
/// <param name="Kind">The kind of change: int8, table, layers, heads or channels.</param>
/// <param name="Change">The change that was tried, for example "4 to 3".</param>
/// <param name="Figures">
/// The figures of the model with this change and all changes kept before, on the part of the data that decides.
/// </param>
/// <param name="Outcome">Whether the change was kept.</param>
/// <param name="IsHealed">Whether the model was trained before it was measured.</param>
public sealed record CompressionStep(string Kind, string Change, CompressionFigures Figures, CompressionOutcome Outcome, bool IsHealed);

/// <summary>The reason why a part of the model was not changed.</summary>
/// <param name="Kind">The kind of change: int8, table, layers, heads, channels or vocabulary.</param>
/// <param name="Reason">The reason, as a part of a sentence.</param>
public sealed record CompressionRemark(string Kind, string Reason);

/// <summary>The progress of a compression.</summary>
/// <param name="Kind">What is being tried: int8, table, layers, heads or channels; or "report" for the final measurement.</param>
/// <param name="Fraction">The part of the kinds that is done, 0 to 1. Some kinds take longer than others.</param>
/// <param name="Step">
/// The step that has just ended, or null. Its outcome may later change to <see cref="CompressionOutcome.Surpassed"/>.
/// </param>
public readonly record struct CompressionProgress(string Kind, double Fraction, CompressionStep? Step);
