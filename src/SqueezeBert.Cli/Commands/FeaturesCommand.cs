using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Commands;

/// <summary>Hidden states of texts' tokens.</summary>
internal sealed class FeaturesCommand : TextsCommand
{
    private readonly Option<int?> _layer = SharedOptions.Number("--layer", "Hidden states behind layer N; 0 for the embeddings. Without it: the last.", 0);

    public FeaturesCommand()
        : base("features", "Prints hidden states: a line a token, its spelling and its numbers, an empty line behind each text.", "any", "TEXT", "Texts to read.") => Add(_layer);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert features --model my-encoder \"It rains.\"",
        "squeezebert features --model my-encoder --layer 6 --file sentences.txt --json",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        using var extractor = FeatureExtractor.Load(
            ModelPath(arguments, console, cancellationToken), new FeatureExtractorOptions { MaxLength = MaxLength(arguments), Inference = Inference(arguments), Layer = arguments.GetValue(_layer) });
        foreach (var batch in Batches(arguments, console, cancellationToken))
        {
            foreach (var (text, features) in batch.Zip(extractor.ExtractStream(batch, cancellationToken)))
            {
                if (IsJson(arguments)) console.WriteJson(Json(text, features, extractor));
                else Write(console.Output, features, extractor);
            }

            console.Output.Flush();
        }

        return Tool.Success;
    }

    private static string Token(TextFeatures features, int token, FeatureExtractor extractor) => extractor.Tokenizer.Vocabulary[features.TokenIds.Span[token]];

    private static void Write(TextWriter output, TextFeatures features, FeatureExtractor extractor)
    {
        for (var token = 0; token < features.TokenCount; token++)
        {
            output.Write(Token(features, token, extractor));
            foreach (var value in features[token])
            {
                output.Write(' ');
                output.Write(value.ToString("R", CultureInfo.InvariantCulture));
            }

            output.WriteLine();
        }

        output.WriteLine();
    }

    private static JsonObject Json(string text, TextFeatures features, FeatureExtractor extractor) => new()
    {
        ["text"] = text,
        ["tokens"] = new JsonArray([.. Enumerable.Range(0, features.TokenCount).Select(token => new JsonObject
        {
            ["token"] = Token(features, token, extractor),
            ["start"] = features.Offsets.Span[token].Start,
            ["end"] = features.Offsets.Span[token].End,
            ["features"] = new JsonArray([.. features[token].ToArray().Select(Number)]),
        })]),
        ["truncated"] = features.IsTruncated,
    };
}
