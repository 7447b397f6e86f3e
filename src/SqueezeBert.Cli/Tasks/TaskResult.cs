using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Tasks;

/// <summary>What a model, or what goes without a network, reaches on a task.</summary>
/// <param name="Score">The task's score in [-1, 1].</param>
/// <param name="Figures">The official figures of each of the task's sets.</param>
internal sealed record TaskResult(double Score, IReadOnlyList<SetFigure> Figures)
{
    /// <summary>The reports of sets that have single labels, which hold the confusion matrices.</summary>
    public IReadOnlyList<SetConfusion> Confusions { get; init; } = [];

    /// <summary>
    /// How right the answer to each of <see cref="ReportTask.Examples"/> is: 0 or 1, of questions F1. Null where an answer is neither
    /// right nor wrong.
    /// </summary>
    public IReadOnlyList<double>? Outcomes { get; init; }
}

/// <summary>A figure of a set.</summary>
/// <param name="Set">The set: "RTE", "MNLI-m".</param>
/// <param name="Figure">Its name in <see cref="IEvaluationReport.Figures"/>.</param>
/// <param name="Value">In [-1, 1]; NaN where undefined.</param>
internal sealed record SetFigure(string Set, string Figure, double Value);

/// <summary>The report of a set with single labels.</summary>
/// <param name="Set">The set.</param>
/// <param name="Report">Its classes and counts.</param>
internal sealed record SetConfusion(string Set, ClassificationReport Report);
