using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;

namespace SqueezeBert.Cli.Commands;

/// <summary>Ranks texts by how alike they are to one, or scores pairs.</summary>
internal sealed partial class SimilarCommand : VectorsCommand
{
    private readonly Option<int?> _top;
    private readonly Option<string?> _documentPrompt;

    public SimilarCommand()
        : this(
            SharedOptions.Number("--top", "How many texts to show. Without it: all, with --index 10.", 1),
            SharedOptions.Text("--document-prompt", "NAME",
                "Which of the folder's prompts to put before each of the other texts; --prompt is for the text to compare with."),
            SharedOptions.Text("--index", "INDEX",
                "Search in a file that squeezebert index has written. Each TEXT is a query then."),
            SharedOptions.Flag("--compatible",
                "With --index: take another model than made it, whose vectors can be compared with the index's all the same."))
    {
    }

    private SimilarCommand(
        Option<int?> top, Option<string?> documentPrompt, Option<string?> index, Option<bool> compatible)
        : base(
            "similar",
            "Ranks texts by the cosine of their vectors with that of the first text, or scores the pairs of a table.",
            new TextsHelp
            {
                Texts = "The text to compare with, and others unless --file has them.",
                File = "the other texts, one per line",
                Column = "the other texts",
                PairColumn = "texts to compare with, row by row, instead of one for all",
            },
            top, index, compatible, documentPrompt)
    {
        (_top, _documentPrompt, _index, _compatible) = (top, documentPrompt, index, compatible);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert similar \"How do I reset it?\" \"Resetting the device\" \"Warranty\"",
        "squeezebert similar --model all-MiniLM-L6-v2 --file titles.txt --top 5 \"How do I reset it?\"",
        "squeezebert similar --model all-MiniLM-L6-v2 --file questions.csv --text question --top 5 \"How do I reset it?\"",
        "squeezebert similar --model all-MiniLM-L6-v2 --index titles.index --top 5 \"How do I reset it?\" \"How long does it last?\"",
        "squeezebert similar --model e5 --prompt query --document-prompt passage --file titles.txt \"How do I reset it?\"",
        "squeezebert similar --model all-MiniLM-L6-v2 --file sts.tsv --text sentence1 --pair sentence2 > scored.tsv",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_index) is { } index) return Search(arguments, console, index, cancellationToken);
        if (arguments.GetValue(_compatible)) throw new UsageException("--compatible belongs to --index");
        CheckTable(arguments);
        var texts = Texts(arguments);
        var hasFile = FileName(arguments) is not null;
        var arePairs = PairColumn(arguments) is not null;
        TextScore.CheckTexts(
            texts.Count, hasFile, arePairs, arguments.GetValue(_top) is not null, "the text to compare with", "the other texts");
        using var embedder = Load(arguments, console, cancellationToken);
        var format = new ScoreFormat(IsWindowed(arguments));
        var source = Open(arguments, console, cancellationToken);
        if (arePairs) return Answer(arguments, console, source, format,
            batch => Score(embedder, batch, Prompt(arguments), arguments.GetValue(_documentPrompt), cancellationToken));
        using (source) return Write(arguments, console, source, format,
            Rank(arguments, console, embedder, texts[0], source, cancellationToken));
    }

    protected override IReadOnlyList<InputText> OfArguments(IReadOnlyList<string> texts) =>
        [.. texts.Skip(1).Select(text => new InputText(text))];

    // Of a row, the second text is the one to compare with.
    private static IEnumerable<TextScore> Score(TextEmbedder embedder, IReadOnlyList<InputText> batch, string? prompt,
        string? documentPrompt, CancellationToken cancellationToken)
    {
        var queries = embedder.EmbedStream(batch.Select(input => input.Pair!), prompt, cancellationToken: cancellationToken).ToList();
        return embedder.EmbedStream(batch.Select(input => input.Text), documentPrompt, cancellationToken: cancellationToken)
            .Select((document, row) => TextScore.Of(document, queries[row]));
    }

    private IReadOnlyList<(InputText Input, TextScore Answer)> Rank(
        ParseResult arguments, ToolConsole console, TextEmbedder embedder, string text, TextSource source,
        CancellationToken cancellationToken)
    {
        var documentPrompt = arguments.GetValue(_documentPrompt);
        var first = embedder.Embed(text, Prompt(arguments), cancellationToken: cancellationToken);
        var others = new List<(InputText Input, TextScore Answer)>();
        var truncated = first.Read.IsTruncated ? 1 : 0;
        foreach (var batch in source.Batches)
        {
            foreach (var (input, embedding) in batch.Zip(
                embedder.EmbedStream(batch.Select(input => input.Text), documentPrompt, cancellationToken: cancellationToken)))
            {
                others.Add((input, TextScore.Of(first, embedding)));
                if (embedding.Read.IsTruncated) truncated++;
            }
        }

        TellTruncated(arguments, console, truncated, others.Count + 1);
        return TextScore.Best(others, arguments.GetValue(_top));
    }
}
