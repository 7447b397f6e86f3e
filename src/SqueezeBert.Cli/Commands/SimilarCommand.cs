using System.CommandLine;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Commands;

/// <summary>Ranks texts by how alike they are to one.</summary>
internal sealed class SimilarCommand : TextsCommand
{
    private readonly EmbedderOptions _options = new();
    private readonly Option<int?> _top = SharedOptions.Number("--top", "How many texts to show. Without it: all.", 1);

    public SimilarCommand()
        : base(
            "similar",
            "Ranks texts by the cosine of their vectors with that of the first text.",
            "of sentence-transformers or any encoder",
            "TEXT",
            "The text to compare with, and others unless --file has them.",
            "The other texts, one a line ('-': standard input).")
    {
        Add(_top);
        foreach (var option in _options.All) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert similar --model all-MiniLM-L6-v2 \"How do I reset it?\" \"Resetting the device\" \"Warranty\"",
        "squeezebert similar --model all-MiniLM-L6-v2 --file titles.txt --top 5 \"How do I reset it?\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var texts = Texts(arguments);
        var hasFile = FileName(arguments) is not null;
        if (texts.Count == 0) throw new UsageException("give the text to compare with");
        if (hasFile && texts.Count > 1) throw new UsageException("with --file, give one text: the others are the file's lines");
        if (!hasFile && texts.Count == 1) throw new UsageException("give other texts behind the first, or --file FILE");
        using var embedder = TextEmbedder.Load(ModelPath(arguments, console, cancellationToken), _options.Of(arguments) with { MaxLength = MaxLength(arguments), Inference = Inference(arguments) });
        var prompt = _options.Prompt(arguments);
        var first = embedder.Embed(texts[0], prompt, cancellationToken);
        var others = new List<(string Text, float Score, bool IsTruncated)>();
        foreach (var batch in hasFile ? Batches(arguments, console, cancellationToken) : [[.. texts.Skip(1)]])
        {
            foreach (var (text, embedding) in batch.Zip(embedder.EmbedStream(batch, prompt, cancellationToken)))
                others.Add((text, first.Similarity(embedding), embedding.IsTruncated || first.IsTruncated));
        }

        foreach (var (text, score, isTruncated) in others.OrderByDescending(other => other.Score).Take(arguments.GetValue(_top) ?? int.MaxValue))
        {
            if (IsJson(arguments)) console.WriteJson(new JsonObject { ["text"] = text, ["score"] = Number(score), ["truncated"] = isTruncated });
            else console.Output.WriteLine($"{Plain(score)}  {Mark(isTruncated)}{Excerpt.Of(text)}");
        }

        return Tool.Success;
    }
}
