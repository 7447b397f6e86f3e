using System.CommandLine;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;

namespace SqueezeBert.Cli.Commands;

/// <summary>Ranks texts by how alike they are to one, or scores pairs.</summary>
internal sealed class SimilarCommand : VectorsCommand
{
    /// <summary>What sentence-transformers takes for a document's prompt, the first that the folder has.</summary>
    private static readonly string[] DocumentPrompts = ["document", "passage", "corpus"];

    private readonly Option<int?> _top;
    private readonly Option<string?> _queryPrompt;
    private readonly Option<string?> _documentPrompt;

    public SimilarCommand()
        : this(
            SharedOptions.Number("--top", "How many texts to show. Without it: all.", 1),
            SharedOptions.Text("--query-prompt", "NAME",
                "Which of the folder's prompts to put before the text to compare with. Without it: 'query', where the folder has it."),
            SharedOptions.Text("--document-prompt", "NAME",
                "Which to put before the others. Without it: 'document' or 'passage', where the folder has it."))
    {
    }

    private SimilarCommand(Option<int?> top, Option<string?> queryPrompt, Option<string?> documentPrompt)
        : base(
            "similar",
            "Ranks texts by the cosine of their vectors with that of the first text, or scores the pairs of a table.",
            new TextsHelp
            {
                Texts = "The text to compare with, and others unless --file has them.",
                File = "the other texts, one a line",
                Column = "the other texts",
                PairColumn = "texts to compare with, row by row, instead of one for all",
            },
            top, queryPrompt, documentPrompt) => (_top, _queryPrompt, _documentPrompt) = (top, queryPrompt, documentPrompt);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert similar --model all-MiniLM-L6-v2 \"How do I reset it?\" \"Resetting the device\" \"Warranty\"",
        "squeezebert similar --model all-MiniLM-L6-v2 --file titles.txt --top 5 \"How do I reset it?\"",
        "squeezebert similar --model all-MiniLM-L6-v2 --file questions.csv --text question --top 5 \"How do I reset it?\"",
        "squeezebert similar --model all-MiniLM-L6-v2 --file sts.tsv --text sentence1 --pair sentence2 > scored.tsv",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTable(arguments);
        var texts = Texts(arguments);
        var hasFile = FileName(arguments) is not null;
        var arePairs = PairColumn(arguments) is not null;
        if (arePairs && (texts.Count > 0 || arguments.GetValue(_top) is not null))
            throw new UsageException("with --pair, each row has its own text to compare with: give neither a text nor --top");
        if (texts.Count == 0 && !arePairs) throw new UsageException("give the text to compare with");
        if (hasFile && texts.Count > 1) throw new UsageException("with --file, give one text: the others are in the file");
        if (!hasFile && texts.Count == 1) throw new UsageException("give other texts behind the first, or --file FILE");
        using var embedder = Load(arguments, console, cancellationToken);
        var format = new Format(IsWindowed(arguments));
        var source = Open(arguments, console, cancellationToken);
        if (arePairs) return Answer(arguments, console, source, format,
            batch => Score(arguments, embedder, batch, cancellationToken));
        using (source) return Write(arguments, console, source, format,
            Rank(arguments, console, embedder, texts[0], source, cancellationToken));
    }

    protected override IReadOnlyList<InputText> OfArguments(IReadOnlyList<string> texts) =>
        [.. texts.Skip(1).Select(text => new InputText(text))];

    private string? QueryPrompt(ParseResult arguments, TextEmbedder embedder) =>
        arguments.GetValue(_queryPrompt) ?? (embedder.Settings.Prompts.ContainsKey("query") ? "query" : null);

    private string? DocumentPrompt(ParseResult arguments, TextEmbedder embedder) =>
        arguments.GetValue(_documentPrompt) ?? DocumentPrompts.FirstOrDefault(embedder.Settings.Prompts.ContainsKey);

    private IEnumerable<Similarity> Score(
        ParseResult arguments, TextEmbedder embedder, IReadOnlyList<InputText> batch, CancellationToken cancellationToken) =>
        embedder.EmbedStream(
            batch.Select(input => input.Text), DocumentPrompt(arguments, embedder), cancellationToken: cancellationToken)
            .Zip(
                embedder.EmbedStream(
                    batch.Select(input => input.Pair!), QueryPrompt(arguments, embedder), cancellationToken: cancellationToken),
                Similarity.Of);

    private List<(InputText Input, Similarity Answer)> Rank(
        ParseResult arguments, ToolConsole console, TextEmbedder embedder, string text, TextSource source,
        CancellationToken cancellationToken)
    {
        var prompt = DocumentPrompt(arguments, embedder);
        var first = embedder.Embed(text, QueryPrompt(arguments, embedder), cancellationToken: cancellationToken);
        var others = new List<(InputText Input, Similarity Answer)>();
        var truncated = first.Read.IsTruncated ? 1 : 0;
        foreach (var batch in source.Batches)
        {
            foreach (var (input, embedding) in batch.Zip(
                embedder.EmbedStream(batch.Select(input => input.Text), prompt, cancellationToken: cancellationToken)))
            {
                others.Add((input, Similarity.Of(first, embedding)));
                if (embedding.Read.IsTruncated) truncated++;
            }
        }

        TellTruncated(arguments, console, truncated, others.Count + 1);
        return [.. others.OrderByDescending(other => other.Answer.Score).Take(arguments.GetValue(_top) ?? int.MaxValue)];
    }

    private readonly record struct Similarity(float Score, bool IsTruncated, int WindowCount)
    {
        public static Similarity Of(TextEmbedding a, TextEmbedding b) =>
            new(a.Similarity(b), a.Read.IsTruncated || b.Read.IsTruncated, Math.Max(a.Read.WindowCount, b.Read.WindowCount));
    }

    private sealed class Format(bool hasWindows) : AnswerFormat<Similarity>
    {
        public override IReadOnlyList<string> Names { get; } = hasWindows ? ["score", "truncated", "windows"] : ["score", "truncated"];

        public override bool IsTruncated(Similarity answer) => answer.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, Similarity answer) =>
            output.WriteLine($"{Plain(answer.Score)}  {Mark(answer.IsTruncated)}{Excerpt.Of(input.Text)}");

        public override IEnumerable<JsonNode?> Values(Similarity answer)
        {
            yield return Number(answer.Score);
            yield return answer.IsTruncated;
            if (hasWindows) yield return answer.WindowCount;
        }
    }
}
