using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;

namespace SqueezeBert.Cli.Commands;

/// <summary>Puts texts in the order of their relevance to a query, or scores pairs.</summary>
internal sealed class RerankCommand : TextsCommand
{
    private readonly Option<int?> _top = SharedOptions.Number("--top", "How many texts to show. Without it: all.", 1);
    private readonly Option<string?> _relevant = SharedOptions.Text(
        "--relevant", "NAME", "The model's label that means relevant, where it has several.");

    public RerankCommand()
        : base(
            "rerank",
            "Puts texts in the order of their relevance to a query with a cross-encoder, or scores the pairs of a table.",
            new TextsHelp
            {
                Model = "a cross-encoder (sequence classification)",
                Texts = "The query, and the texts unless --file has them.",
                File = "the texts, one a line",
                Column = "the texts",
                PairColumn = "queries, row by row, instead of one for all",
            }) => AddOptions(_top, _relevant);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert rerank --model ms-marco-MiniLM-L6-v2 \"How do I reset it?\" \"Resetting the device\" \"Warranty\"",
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
        using var reranker = TextReranker.Load(
            ModelPath(arguments, console, cancellationToken),
            new TextRerankerOptions
            {
                Reading = Reading(arguments),
                Head = Head(arguments),
                RelevantLabel = arguments.GetValue(_relevant),
            },
            Computing(arguments));
        var format = new ScoreFormat(IsWindowed(arguments));
        var source = Open(arguments, console, cancellationToken);
        IEnumerable<TextScore> Score(IEnumerable<TextPair> pairs) => reranker.ScoreStream(pairs, cancellationToken: cancellationToken)
            .Select(ranked => new TextScore(ranked.Score, ranked.Read.IsTruncated, ranked.Read.WindowCount));
        if (arePairs)
        {
            return Answer(
                arguments, console, source, format, batch => Score(batch.Select(input => new TextPair(input.Pair!, input.Text))));
        }

        using (source)
        {
            var answers = new List<(InputText Input, TextScore Answer)>();
            foreach (var batch in source.Batches)
                answers.AddRange(batch.Zip(Score(batch.Select(input => new TextPair(texts[0], input.Text)))));
            TellTruncated(arguments, console, answers.Count(answer => answer.Answer.IsTruncated), answers.Count);
            return Write(arguments, console, source, format, TextScore.Best(answers, arguments.GetValue(_top)));
        }
    }

    protected override IReadOnlyList<InputText> OfArguments(IReadOnlyList<string> texts) =>
        [.. texts.Skip(1).Select(text => new InputText(text))];
}
