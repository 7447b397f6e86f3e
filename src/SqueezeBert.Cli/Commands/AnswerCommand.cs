using System.CommandLine;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Commands;

/// <summary>Answers questions from a document.</summary>
internal sealed class AnswerCommand : TextsCommand
{
    private readonly Option<string?> _context = SharedOptions.Text("--context", "TEXT", "The document, on the command line.");
    private readonly Option<int?> _top = SharedOptions.Number("--top", "How many answers to show, best first. Without it: one, and all that were kept with --json.", 1);
    private readonly Option<bool> _noAnswer = SharedOptions.Flag("--no-answer", "The document may not have the answer, as in SQuAD 2.0.");
    private readonly Option<double?> _threshold = SharedOptions.Real("--threshold", "With --no-answer: how much better no answer must be than the best one, in logits; default 0.");
    private readonly Option<int?> _overlap = SharedOptions.Number("--overlap", "Tokens that two windows of a long document have in common; default 128.", 0);
    private readonly Option<int?> _answerTokens = SharedOptions.Number("--max-answer-tokens", "Tokens of an answer at most; default 30.", 1);
    private readonly Option<bool> _truncate = SharedOptions.Flag("--truncate", "Read the beginning of a long document only, instead of all of it in windows.");

    public AnswerCommand()
        : base("answer", "Answers questions with parts of a document.", "for question answering", "QUESTION", "Questions about the document.", "The document ('-': standard input).")
    {
        foreach (var option in (Option[])[_context, _top, _noAnswer, _threshold, _overlap, _answerTokens, _truncate]) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert answer --model my-squad-model --context \"The Danube flows into the Black Sea.\" \"Where does the Danube end?\"",
        "squeezebert answer --model my-squad-model --file manual.txt --top 3 \"How is it cleaned?\" \"How long is the warranty?\"",
        "squeezebert answer --model my-squad2-model --file manual.txt --no-answer --json \"Is it waterproof?\"",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var questions = Texts(arguments);
        var (context, file) = (arguments.GetValue(_context), FileName(arguments));
        if (questions.Count == 0) throw new UsageException("give a question");
        if ((context is null) == (file is null)) throw new UsageException("give the document with --file FILE (or --file - for standard input) or with --context TEXT");
        if (arguments.GetValue(_threshold) is not null && !arguments.GetValue(_noAnswer)) throw new UsageException("--threshold needs --no-answer");
        var model = ModelPath(arguments, console, cancellationToken);
        context ??= ReadDocument(file!, console, cancellationToken);
        using var answerer = QuestionAnswerer.Load(model, AnswererOptions(arguments));
        foreach (var (question, answer) in questions.Zip(answerer.AnswerStream(questions.Select(question => (question, context)), cancellationToken)))
        {
            if (IsJson(arguments)) console.WriteJson(Json(question, answer, arguments.GetValue(_top) ?? int.MaxValue));
            else Write(console.Output, answer, arguments.GetValue(_top) ?? 1);
        }

        return Tool.Success;
    }

    private static void Write(TextWriter output, QuestionAnswer answer, int top)
    {
        var mark = Mark(answer.IsTruncated || answer.IsQuestionTruncated);
        if (answer.Best is null) output.WriteLine($"{Plain(answer.NoAnswerProbability)}  {mark}(no answer)");
        foreach (var item in answer.Answers.Take(answer.Best is null ? top - 1 : top))
            output.WriteLine($"{Plain(item.Probability)}  {mark}{Excerpt.Of(item.Text, int.MaxValue)}");
    }

    private static JsonObject Json(string question, QuestionAnswer answer, int top) => new()
    {
        ["question"] = question,
        ["answer"] = answer.Best?.Text,
        ["start"] = answer.Best?.Start,
        ["end"] = answer.Best?.End,
        ["score"] = answer.Best is { } best ? Number(best.Probability) : null,
        ["answers"] = new JsonArray([.. answer.Answers.Take(top).Select(item => new JsonObject
        {
            ["text"] = item.Text,
            ["start"] = item.Start,
            ["end"] = item.End,
            ["score"] = Number(item.Probability),
            ["logit"] = Number(item.Score),
        })]),
        ["no_answer_score"] = Number(answer.NoAnswerProbability),
        ["no_answer_margin"] = Number(answer.NoAnswerMargin),
        ["windows"] = answer.WindowCount,
        ["truncated"] = answer.IsTruncated,
        ["question_truncated"] = answer.IsQuestionTruncated,
    };

    private QuestionAnswererOptions AnswererOptions(ParseResult arguments) => new()
    {
        MaxLength = MaxLength(arguments),
        Inference = Inference(arguments),
        LongText = arguments.GetValue(_truncate) ? LongText.Truncate : LongText.Windows,
        Overlap = arguments.GetValue(_overlap),
        MaxAnswerTokens = arguments.GetValue(_answerTokens) ?? new QuestionAnswererOptions().MaxAnswerTokens,
        Candidates = Math.Max(arguments.GetValue(_top) ?? 0, new QuestionAnswererOptions().Candidates),
        AllowNoAnswer = arguments.GetValue(_noAnswer),
        NoAnswerThreshold = (float)(arguments.GetValue(_threshold) ?? 0),
    };
}
