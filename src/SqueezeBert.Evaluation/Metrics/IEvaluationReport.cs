using System.Text.Json;

namespace SqueezeBert.Evaluation;

/// <summary>What an evaluation says about a model; each task has a report of its own, such as <see cref="ClassificationReport"/>.</summary>
public interface IEvaluationReport
{
    /// <summary>Examples that were counted.</summary>
    long Examples { get; }

    /// <summary>Name and value of each figure, in the order of the report; NaN where undefined.</summary>
    IEnumerable<(string Name, double Value)> Figures();

    /// <summary>Writes one object: "examples", the figures by name, and what else the kind of report has.</summary>
    void WriteJson(Utf8JsonWriter writer);

    /// <summary>Writes the whole report as aligned plain text.</summary>
    void WriteText(TextWriter writer);
}
