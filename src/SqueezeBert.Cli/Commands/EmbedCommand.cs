using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Cli.Commands;

/// <summary>Vectors of texts.</summary>
internal sealed class EmbedCommand : TextsCommand
{
    private readonly EmbedderOptions _options = new();

    public EmbedCommand()
        : base("embed", "Makes vectors of texts: one a line, numbers separated by spaces.", "of sentence-transformers or any encoder", "TEXT", "Texts to make vectors of.")
    {
        foreach (var option in _options.All) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert embed --model all-MiniLM-L6-v2 \"A man is eating food.\"",
        "squeezebert embed --model my-encoder --pooling mean --normalize --file sentences.txt > vectors.txt",
        "squeezebert embed --model e5-small --prompt query --json \"how deep is the ocean\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTexts(arguments);
        using var embedder = TextEmbedder.Load(ModelPath(arguments, console, cancellationToken), _options.Of(arguments) with { MaxLength = MaxLength(arguments), Inference = Inference(arguments) });
        foreach (var batch in Batches(arguments, console, cancellationToken))
        {
            foreach (var (text, embedding) in batch.Zip(embedder.EmbedStream(batch, _options.Prompt(arguments), cancellationToken)))
            {
                if (IsJson(arguments)) console.WriteJson(Json(text, embedding));
                else console.Output.WriteLine(string.Join(' ', embedding.Vector.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
            }

            console.Output.Flush();
        }

        return Tool.Success;
    }

    private static JsonObject Json(string text, TextEmbedding embedding) => new()
    {
        ["text"] = text,
        ["embedding"] = new JsonArray([.. embedding.Vector.ToArray().Select(Number)]),
        ["tokens"] = embedding.TokenCount,
        ["truncated"] = embedding.IsTruncated,
    };
}

/// <summary>What `embed` and `similar` say about the vectors.</summary>
internal sealed class EmbedderOptions
{
    private readonly Option<SentencePooling?> _pooling = SharedOptions.OneOf<SentencePooling>("--pooling", "How tokens become a vector. Without it: as the folder says, else mean.");
    private readonly Option<bool> _normalize = SharedOptions.Flag("--normalize", "Divide vectors by their length, also where the folder does not say so.");
    private readonly Option<int?> _dimensions = SharedOptions.Number("--dimensions", "Keep the first N components of a vector.", 1);
    private readonly Option<string?> _prompt = SharedOptions.Text("--prompt", "NAME", "Which of the folder's prompts to put before each text: query, passage, ….");

    public IEnumerable<Option> All => [_pooling, _normalize, _dimensions, _prompt];

    public string? Prompt(ParseResult arguments) => arguments.GetValue(_prompt);

    public TextEmbedderOptions Of(ParseResult arguments) => new()
    {
        Pooling = arguments.GetValue(_pooling),
        Normalize = arguments.GetValue(_normalize) ? true : null,
        Dimensions = arguments.GetValue(_dimensions),
    };
}
