using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Texts;

/// <summary>
/// How a command shows what a model says of a text: a line for people, named values for an object or for the columns of a table.
/// </summary>
internal abstract class AnswerFormat<T>
{
    /// <summary>Names of <see cref="Values"/>.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>Names of <see cref="Fields"/>: those of the values that belong into a table.</summary>
    public virtual IReadOnlyList<string> Columns => Names;

    /// <summary>Whether some of the text was not read.</summary>
    public abstract bool IsTruncated(T answer);

    /// <summary>For people: a line, or a few.</summary>
    public abstract void WritePlain(TextWriter output, InputText input, T answer);

    /// <summary>What was asked, in the object of a text that comes from no table.</summary>
    public virtual IEnumerable<(string Name, JsonNode? Value)> Input(InputText input)
    {
        yield return ("text", input.Text);
        if (input.Pair is not null) yield return ("pair", input.Pair);
    }

    /// <summary>The answer.</summary>
    public abstract IEnumerable<JsonNode?> Values(T answer);

    /// <summary>The answer in a table that is not of JSON: texts as they are, lists as JSON.</summary>
    public virtual IEnumerable<string> Fields(T answer) =>
        Names.Zip(Values(answer)).Where(pair => Columns.Contains(pair.First)).Select(pair => pair.Second switch
        {
            null => "",
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            var value => JsonOutput.Text(value),
        });

    /// <inheritdoc cref="AnswerRecords.Number"/>
    protected static JsonNode? Number(float value) => AnswerRecords.Number(value);

    protected static string Plain(float score) => score.ToString("0.0000", CultureInfo.InvariantCulture);

    protected static string Mark(bool isTruncated) => isTruncated ? "[truncated] " : "";
}
