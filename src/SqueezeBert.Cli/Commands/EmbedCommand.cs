using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;

namespace SqueezeBert.Cli.Commands;

/// <summary>Vectors of texts.</summary>
internal sealed class EmbedCommand : VectorsCommand
{
    public EmbedCommand()
        : base(
            "embed",
            "Makes vectors of texts: one per line, numbers separated by spaces.",
            new TextsHelp { Texts = "Texts to make vectors of." })
    {
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert embed \"A man is eating food.\"",
        "squeezebert embed --model my-encoder --pooling mean --normalize --file sentences.txt > vectors.txt",
        "squeezebert embed --model hf:sentence-transformers/all-MiniLM-L6-v2 --file articles.jsonl --text body --windows > vectors.jsonl",
        "squeezebert embed --model e5-small --prompt query --json \"how deep is the ocean\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        using var embedder = Load(arguments, console, cancellationToken);
        return Answer(
            arguments,
            console,
            Open(arguments, console, cancellationToken),
            new Format(IsWindowed(arguments)),
            batch => embedder.EmbedStream(batch.Select(input => input.Text), Prompt(arguments), cancellationToken: cancellationToken));
    }

    private sealed class Format(bool hasWindows) : AnswerFormat<TextEmbedding>
    {
        public override IReadOnlyList<string> Names { get; } = hasWindows ? ["embedding", "tokens", "truncated", "windows"]
            : ["embedding", "tokens", "truncated"];

        public override bool IsTruncated(TextEmbedding answer) => answer.Read.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, TextEmbedding answer) =>
            output.WriteLine(string.Join(' ', answer.Vector.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture))));

        public override IEnumerable<JsonNode?> Values(TextEmbedding answer)
        {
            yield return new JsonArray([.. answer.Vector.ToArray().Select(Number)]);
            yield return answer.Read.TokenCount;
            yield return answer.Read.IsTruncated;
            if (hasWindows) yield return answer.Read.WindowCount;
        }
    }
}
