using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Records;

namespace SqueezeBert.Cli.Commands;

/// <summary>Answers questions from a document.</summary>
internal sealed class AnswerCommand : TextsCommand
{
    // As in the server. Each worker keeps so many candidates of a text.
    private const int MaxTop = 1000;

    private readonly Option<string?> _context = SharedOptions.Text("--context", "TEXT", "The document, on the command line.");
    private readonly Option<int?> _top = SharedOptions.Number(
        "--top", "How many answers to show, best first. Without it: one, and all that were kept with --json.", 1, MaxTop);
    private readonly Option<bool> _noAnswer = SharedOptions.Flag("--no-answer", "The document may not have the answer, as in SQuAD 2.0.");
    private readonly Option<double?> _threshold = SharedOptions.Real(
        "--threshold", "With --no-answer: how much better no answer must be than the best one, in logits; default 0.");
    private readonly Option<int?> _overlap = SharedOptions.Number(
        "--overlap", "Tokens that two windows of a long document have in common; default 128.", 0);
    private readonly Option<int?> _answerTokens = SharedOptions.Number(
        "--max-answer-tokens", "Tokens of an answer at most; default 30.", 1);
    private readonly Option<bool> _truncate = SharedOptions.Flag(
        "--truncate", "Read the beginning of a long document only, instead of all of it in windows.");

    public AnswerCommand()
        : base(
            "answer",
            "Answers questions with parts of a document.",
            new TextsHelp
            {
                Model = "for question answering",
                Texts = "Questions about the document.",
                File = "the document",
                Column = "questions",
                PairColumn = "their documents, if --context gives none for all",
            })
    {
        AddOptions(_context, _top, _noAnswer, _threshold, _overlap, _answerTokens, _truncate);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert answer --model my-squad-model --context \"The Danube flows into the Black Sea.\" \"Where does the Danube end?\"",
        "squeezebert answer --model my-squad-model --file manual.txt --top 3 \"How is it cleaned?\" \"How long is the warranty?\"",
        "squeezebert answer --model my-squad-model --file squad.jsonl --text question --pair context > answered.jsonl",
        "squeezebert answer --model my-squad2-model --file manual.txt --no-answer --json \"Is it waterproof?\"",
    ];

    protected override bool HasWindows => false;

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        Check(arguments);
        var context = arguments.GetValue(_context);
        var isTable = Column(arguments) is not null;
        var model = ModelPath(arguments, console, cancellationToken);
        var document = context ?? (isTable ? null : ReadDocument(FileName(arguments)!, console, cancellationToken));
        using var answerer = QuestionAnswerer.Load(model, AnswererOptions(arguments), Computing(arguments));
        return Answer(
            arguments,
            console,
            isTable ? OpenTable(arguments, console, cancellationToken)
                : TextSource.Of([.. Texts(arguments).Select(question => new InputText(question))]),
            new Format(arguments.GetValue(_top)),
            batch => answerer.AnswerStream(batch.Select(input => (input.Text, input.Pair ?? document!)),
                cancellationToken: cancellationToken));
    }

    protected override string Remedy(ParseResult arguments) =>
        arguments.GetValue(_truncate) ? "; without --truncate all of a document is read" : "";

    private static string ReadDocument(string file, ToolConsole console, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(InputFile.OpenBytes(file, console, cancellationToken), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private void Check(ParseResult arguments)
    {
        CheckTable(arguments, readsAnyFile: true);
        var (hasQuestions, hasContext, file) = (Texts(arguments).Count > 0, arguments.GetValue(_context) is not null, FileName(arguments));
        if (Column(arguments) is not null)
        {
            if (hasQuestions) throw new UsageException("with --text, the questions are in the table: give none on the command line");
            if (hasContext == PairColumn(arguments) is not null)
                throw new UsageException(
                    "give the column of the documents with --pair, or one document for all questions with --context TEXT");
        }
        else
        {
            if (!hasQuestions) throw new UsageException("give a question");
            if (hasContext == file is not null)
                throw new UsageException("give the document with --file FILE (or --file - for standard input) or with --context TEXT");
        }

        if (arguments.GetValue(_threshold) is not null && !arguments.GetValue(_noAnswer))
            throw new UsageException("--threshold needs --no-answer");
    }

    private QuestionAnswererOptions AnswererOptions(ParseResult arguments) => new()
    {
        Reading = Reading(arguments) with { LongText = arguments.GetValue(_truncate) ? LongText.Truncate : LongText.Windows },
        Head = Head(arguments),
        Overlap = arguments.GetValue(_overlap),
        MaxAnswerTokens = arguments.GetValue(_answerTokens) ?? new QuestionAnswererOptions().MaxAnswerTokens,
        Candidates = Math.Max(arguments.GetValue(_top) ?? 0, new QuestionAnswererOptions().Candidates),
        AllowNoAnswer = arguments.GetValue(_noAnswer),
        NoAnswerThreshold = (float)(arguments.GetValue(_threshold) ?? 0),
    };

    private sealed class Format(int? top) : AnswerFormat<QuestionAnswer>
    {
        public override IReadOnlyList<string> Names { get; } =
            ["answer", "start", "end", "score", "answers", "no_answer_score", "no_answer_margin", "windows", "truncated",
                "question_truncated"];

        public override IReadOnlyList<string> Columns { get; } = ["answer", "start", "end", "score", "no_answer_score", "windows",
            "truncated", "question_truncated"];

        public override bool IsTruncated(QuestionAnswer answer) => answer.Read.IsTruncated;

        public override void WritePlain(TextWriter output, InputText input, QuestionAnswer answer)
        {
            var (shown, mark) = (top ?? 1, Mark(IsTruncated(answer)));
            if (answer.Best is null) output.WriteLine($"{Plain(answer.NoAnswerProbability)}  {mark}(no answer)");
            foreach (var item in answer.Answers.Take(answer.Best is null ? shown - 1 : shown))
                output.WriteLine($"{Plain(item.Probability)}  {mark}{Excerpt.Of(item.Text, int.MaxValue)}");
        }

        public override IEnumerable<(string Name, JsonNode? Value)> Input(InputText input) => [("question", input.Text)];

        public override IEnumerable<JsonNode?> Values(QuestionAnswer answer) =>
            AnswerRecords.Of(answer, top).Select(value => value.Value);
    }
}
