using System.Text.Json;

namespace SqueezeBert.Evaluation;

/// <summary>The result of evaluating a model. Each task has its own report, such as <see cref="ClassificationReport"/>.</summary>
public interface IEvaluationReport
{
    /// <summary>The number of examples that were counted.</summary>
    long Examples { get; }

    /// <summary>Returns the name and value of each figure, in the order of the report. A value is NaN if it is undefined.</summary>
    IEnumerable<(string Name, double Value)> Figures();

    /// <summary>Writes one JSON object: "examples", the figures by name, and further members of the report.</summary>
    /// <param name="writer">The writer that receives the object.</param>
    void WriteJson(Utf8JsonWriter writer);

    /// <summary>Writes the whole report as aligned plain text.</summary>
    /// <param name="writer">The writer that receives the text.</param>
    void WriteText(TextWriter writer);
}
