using System.CommandLine;
using System.Text.Json.Nodes;
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
        if (arePairs && (texts.Count > 0 || arguments.GetValue(_top) is not null))
            throw new UsageException("with --pair, each row has its own query: give neither a text nor --top");
        if (texts.Count == 0 && !arePairs) throw new UsageException("give the query");
        if (hasFile && texts.Count > 1) throw new UsageException("with --file, give the query alone: the texts are in the file");
        if (!hasFile && texts.Count == 1) throw new UsageException("give the texts behind the query, or --file FILE");
        using var reranker = TextReranker.Load(
            ModelPath(arguments, console, cancellationToken),
            new TextRerankerOptions { Reading = Reading(arguments), RelevantLabel = arguments.GetValue(_relevant) },
            Computing(arguments));
        var format = new Format(IsWindowed(arguments));
        var source = Open(arguments, console, cancellationToken);
        if (arePairs) return Answer(arguments, console, source, format,
            batch => reranker.ScoreStream(
                batch.Select(input => new TextPair(input.Pair!, input.Text)), cancellationToken: cancellationToken));
        using (source)
            return Write(arguments, console, source, format, Rank(arguments, console, reranker, texts[0], source, cancellationToken));
    }

    protected override IReadOnlyList<InputText> OfArguments(IReadOnlyList<string> texts) =>
        [.. texts.Skip(1).Select(text => new InputText(text))];

    private List<(InputText Input, RankedText Answer)> Rank(
        ParseResult arguments, ToolConsole console, TextReranker reranker, string query, TextSource source,
        CancellationToken cancellationToken)
    {
        var answers = new List<(InputText Input, RankedText Answer)>();
        foreach (var batch in source.Batches)
        {
            answers.AddRange(batch.Zip(reranker.ScoreStream(
                batch.Select(input => new TextPair(query, input.Text)), cancellationToken: cancellationToken)));
        }

        TellTruncated(arguments, console, answers.Count(answer => answer.Answer.Read.IsTruncated), answers.Count);
        return [.. answers.OrderByDescending(answer => answer.Answer.Score).Take(arguments.GetValue(_top) ?? int.MaxValue)];
    }

    private sealed class Format(bool hasWindows) : AnswerFormat<RankedText>
    {
        public override IReadOnlyList<string> Names { get; } = hasWindows ? ["score", "truncated", "windows"] : ["score", "truncated"];

        public override bool IsTruncated(RankedText answer) => answer.Read.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, RankedText answer) =>
            output.WriteLine($"{Plain(answer.Score)}  {Mark(answer.Read.IsTruncated)}{Excerpt.Of(input.Text)}");

        public override IEnumerable<JsonNode?> Values(RankedText answer)
        {
            yield return Number(answer.Score);
            yield return answer.Read.IsTruncated;
            if (hasWindows) yield return answer.Read.WindowCount;
        }
    }
}
