using System.Text.Json.Nodes;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Texts;

/// <summary>Writes answers in the order of their texts.</summary>
internal abstract class AnswerWriter<T>
{
    public abstract void Write(InputText input, T answer);

    /// <summary>A value under its name.</summary>
    protected static TableField Field(string name, JsonNode? value) => new(name, JsonOutput.Text(value), IsJson: true);
}

/// <summary>For people.</summary>
internal sealed class PlainAnswers<T>(TextWriter output, AnswerFormat<T> format) : AnswerWriter<T>
{
    public override void Write(InputText input, T answer) => format.WritePlain(output, input, answer);
}

/// <summary>One object per line, of texts that come from no table.</summary>
internal sealed class JsonAnswers<T>(TableWriter output, AnswerFormat<T> format) : AnswerWriter<T>
{
    public override void Write(InputText input, T answer) =>
        output.WriteRow(
            [.. format.Input(input).Select(value => Field(value.Name, value.Value)), .. format.Names.Zip(format.Values(answer), Field)]);
}
