using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;

namespace SqueezeBert.Cli.Commands;

/// <summary>Vectors of texts.</summary>
internal sealed class EmbedCommand : TextsCommand
{
    private readonly EmbedderOptions _options = new();

    public EmbedCommand()
        : base(
            "embed",
            "Makes vectors of texts: one a line, numbers separated by spaces.",
            new TextsHelp { Model = "of sentence-transformers or any encoder", Texts = "Texts to make vectors of." })
    {
        AddOptions(_options.All);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert embed --model all-MiniLM-L6-v2 \"A man is eating food.\"",
        "squeezebert embed --model my-encoder --pooling mean --normalize --file sentences.txt > vectors.txt",
        "squeezebert embed --model hf:sentence-transformers/all-MiniLM-L6-v2 --file articles.jsonl --text body --windows > vectors.jsonl",
        "squeezebert embed --model e5-small --prompt query --json \"how deep is the ocean\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        var options = _options.Of(arguments) with
        {
            MaxLength = MaxLength(arguments),
            LongText = LongText(arguments),
            Inference = Inference(arguments)
        };
        using var embedder = TextEmbedder.Load(ModelPath(arguments, console, cancellationToken), options);
        return Answer(
            arguments,
            console,
            Open(arguments, console, cancellationToken),
            new Format(IsWindowed(arguments)),
            batch => embedder.EmbedStream(batch.Select(input => input.Text), _options.Prompt(arguments), cancellationToken));
    }

    private sealed class Format(bool hasWindows) : AnswerFormat<TextEmbedding>
    {
        public override IReadOnlyList<string> Names { get; } = hasWindows ? ["embedding", "tokens", "truncated", "windows"]
            : ["embedding", "tokens", "truncated"];

        public override bool IsTruncated(TextEmbedding answer) => answer.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, TextEmbedding answer) =>
            output.WriteLine(string.Join(' ', answer.Vector.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture))));

        public override IEnumerable<JsonNode?> Values(TextEmbedding answer)
        {
            yield return new JsonArray([.. answer.Vector.ToArray().Select(Number)]);
            yield return answer.TokenCount;
            yield return answer.IsTruncated;
            if (hasWindows) yield return answer.WindowCount;
        }
    }
}

/// <summary>What `embed` and `similar` say about the vectors.</summary>
internal sealed class EmbedderOptions
{
    private readonly Option<SentencePooling?> _pooling =
        SharedOptions.OneOf<SentencePooling>("--pooling", "How tokens become a vector. Without it: as the folder says, else mean.");
    private readonly Option<bool> _normalize = SharedOptions.Flag(
        "--normalize", "Divide vectors by their length, also where the folder does not say so.");
    private readonly Option<int?> _dimensions = SharedOptions.Number("--dimensions", "Keep the first N components of a vector.", 1);
    private readonly Option<string?> _prompt = SharedOptions.Text(
        "--prompt", "NAME", "Which of the folder's prompts to put before each text: query, passage, ….");

    public IEnumerable<Option> All => [_pooling, _normalize, _dimensions, _prompt];

    public string? Prompt(ParseResult arguments) => arguments.GetValue(_prompt);

    public TextEmbedderOptions Of(ParseResult arguments) => new()
    {
        Pooling = arguments.GetValue(_pooling),
        Normalize = arguments.GetValue(_normalize) ? true : null,
        Dimensions = arguments.GetValue(_dimensions),
    };
}
