using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Models;

namespace SqueezeBert.Cli.Commands;

/// <summary>
/// Puts texts in the order of their relevance to a query, or scores pairs: with a cross-encoder, or by the vectors of the model in the box.
/// </summary>
internal sealed class RerankCommand : TextsCommand
{
    private readonly Option<int?> _top = SharedOptions.Number("--top", "How many texts to show. Without it: all.", 1);
    private readonly Option<string?> _relevant = SharedOptions.Text(
        "--relevant", "NAME", "The model's label that means relevant, where it has several.");

    public RerankCommand()
        : base(
            "rerank",
            "Puts texts in the order of their relevance to a query with a cross-encoder, or scores the pairs of a table. Without a " +
                "model: by their vectors, as similar does.",
            new TextsHelp
            {
                Model = "a cross-encoder (sequence classification)",
                Box = EmbeddingModels.English,
                Texts = "The query, and the texts unless --file has them.",
                File = "the texts, one per line",
                Column = "the texts",
                PairColumn = "queries, row by row, instead of one for all",
            }) => AddOptions(_top, _relevant);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert rerank \"How do I reset it?\" \"Resetting the device\" \"Warranty\"",
        "squeezebert rerank --model ms-marco-MiniLM-L6-v2 --file found.txt --top 5 \"How do I reset it?\"",
        "squeezebert rerank --model ms-marco-MiniLM-L6-v2 --file found.csv --text body --json \"How do I reset it?\"",
        "squeezebert rerank --model ms-marco-MiniLM-L6-v2 --file judged.tsv --text document --pair query > scored.tsv",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        CheckTable(arguments);
        var texts = Texts(arguments);
        var hasFile = FileName(arguments) is not null;
        var arePairs = PairColumn(arguments) is not null;
        TextScore.CheckTexts(texts.Count, hasFile, arePairs, arguments.GetValue(_top) is not null, "the query", "the texts");
        if (NamesModel(arguments))
        {
            using var reranker = TextReranker.Load(
                ModelPath(arguments, console, cancellationToken),
                new TextRerankerOptions
                {
                    Reading = Reading(arguments),
                    Head = Head(arguments),
                    RelevantLabel = arguments.GetValue(_relevant),
                },
                Computing(arguments));
            return Run(arguments, console, pairs => reranker.ScoreStream(pairs, cancellationToken: cancellationToken)
                .Select(ranked => new TextScore(ranked.Score, ranked.Read.IsTruncated, ranked.Read.WindowCount)), cancellationToken);
        }

        if (Head(arguments) is not null || arguments.GetValue(_relevant) is not null)
            throw new UsageException("--head and --relevant are for a cross-encoder: name one with --model");
        using var embedder = TextEmbedder.Load(ModelPath(arguments, console, cancellationToken),
            new TextEmbedderOptions { Reading = Reading(arguments) }, Computing(arguments));
        return Run(arguments, console, pairs => Score(embedder, [.. pairs], cancellationToken), cancellationToken);
    }

    protected override IReadOnlyList<InputText> OfArguments(IReadOnlyList<string> texts) =>
        [.. texts.Skip(1).Select(text => new InputText(text))];

    private static IEnumerable<TextScore> Score(TextEmbedder embedder, IReadOnlyList<TextPair> pairs, CancellationToken cancellationToken)
    {
        var queries = pairs.Select(pair => pair.Text).Distinct().ToList();
        var vectors = queries.Zip(embedder.EmbedStream(queries, cancellationToken: cancellationToken))
            .ToDictionary(query => query.First, query => query.Second);
        return embedder.EmbedStream(pairs.Select(pair => pair.Pair!), cancellationToken: cancellationToken)
            .Select((text, row) => TextScore.Of(vectors[pairs[row].Text], text));
    }

    private int Run(ParseResult arguments, ToolConsole console, Func<IEnumerable<TextPair>, IEnumerable<TextScore>> score,
        CancellationToken cancellationToken)
    {
        var format = new ScoreFormat(IsWindowed(arguments));
        var source = Open(arguments, console, cancellationToken);
        if (PairColumn(arguments) is not null)
        {
            return Answer(
                arguments, console, source, format, batch => score(batch.Select(input => new TextPair(input.Pair!, input.Text))));
        }

        using (source)
        {
            var query = Texts(arguments)[0];
            var answers = new List<(InputText Input, TextScore Answer)>();
            foreach (var batch in source.Batches)
                answers.AddRange(batch.Zip(score(batch.Select(input => new TextPair(query, input.Text)))));
            TellTruncated(arguments, console, answers.Count(answer => answer.Answer.IsTruncated), answers.Count);
            return Write(arguments, console, source, format, TextScore.Best(answers, arguments.GetValue(_top)));
        }
    }
}
