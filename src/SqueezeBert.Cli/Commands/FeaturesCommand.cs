using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Commands;

/// <summary>Hidden states of texts' tokens.</summary>
internal sealed class FeaturesCommand : TextsCommand
{
    private readonly Option<int?> _layer = SharedOptions.Number(
        "--layer", "Hidden states behind layer N; 0 for the embeddings. Without it: the last.", 0);

    public FeaturesCommand()
        : base(
            "features",
            "Prints hidden states: one line per token, its spelling and its numbers, an empty line behind each text.",
            new TextsHelp { Model = "any", Texts = "Texts to read." }) => AddOptions(_layer);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert features --model my-encoder \"It rains.\"",
        "squeezebert features --model my-encoder --layer 6 --file sentences.txt --json",
    ];

    protected override bool HasHead => false;

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        using var extractor = FeatureExtractor.Load(ModelPath(arguments, console, cancellationToken), new FeatureExtractorOptions
        {
            Reading = Reading(arguments),
            Layer = arguments.GetValue(_layer),
        }, Computing(arguments));
        return Answer(
            arguments,
            console,
            Open(arguments, console, cancellationToken),
            new Format(extractor, IsWindowed(arguments)),
            batch => extractor.ExtractStream(batch.Select(input => input.Text), cancellationToken: cancellationToken));
    }

    private sealed class Format(FeatureExtractor extractor, bool hasWindows) : AnswerFormat<TextFeatures>
    {
        public override IReadOnlyList<string> Names { get; } = hasWindows ? ["tokens", "truncated", "windows"] : ["tokens", "truncated"];

        public override bool IsTruncated(TextFeatures answer) => answer.Read.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, TextFeatures answer)
        {
            for (var token = 0; token < answer.TokenCount; token++)
            {
                output.Write(Spelling(answer, token));
                foreach (var value in answer[token])
                {
                    output.Write(' ');
                    output.Write(value.ToString("R", CultureInfo.InvariantCulture));
                }

                output.WriteLine();
            }

            output.WriteLine();
        }

        public override IEnumerable<JsonNode?> Values(TextFeatures answer) =>
            AnswerRecords.Of(answer, extractor.Tokenizer, hasWindows).Select(value => value.Value);

        private string Spelling(TextFeatures features, int token) => extractor.Tokenizer.Vocabulary[features.TokenIds.Span[token]];
    }
}
