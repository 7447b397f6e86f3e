using System.CommandLine;
using SqueezeBert.Cli.CommandLine;

namespace SqueezeBert.Cli.Commands;

/// <content>Options of single tasks, and which go together.</content>
internal sealed partial class EvaluateCommand
{
    private readonly Option<string[]> _glue = new("--glue")
    {
        HelpName = "TASK FOLDER",
        Description = "A task of GLUE and the folder with its official files, instead of --data.",
        AllowMultipleArgumentsPerToken = true,
        Arity = new ArgumentArity(2, 2),
    };

    private readonly Option<string?> _split = SharedOptions.Text("--split", "NAME",
        "With --glue: dev or train, default dev. With --task retrieval: which judgements, default test.");
    private readonly Option<string?> _submission = SharedOptions.Text("--submission", "ZIP",
        "With --glue: also predict the test set, and put it into this zip file for the leaderboard.");
    private readonly Option<string[]> _baseline = new("--baseline")
    {
        HelpName = "FILE",
        Description = "Report what goes without a network beside it: a linear model that learns from these training files (with --glue " +
            "from the task's); with answering the sentence that shares most words with the question, with --task retrieval BM25. None of " +
            "the last three takes a FILE.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _calibrate = SharedOptions.Flag("--calibrate",
        "Fit a temperature, and report the calibration error with and without it. The data must not be the training set.");
    private readonly Option<bool> _saveTemperature = SharedOptions.Flag("--save-temperature",
        "With --calibrate: write it to the model's config.json, for classifiers to use.");
    private readonly Option<string?> _outOfScope = SharedOptions.Text("--out-of-scope", "FILE",
        "Texts of none of the classes: how well are they told? By their score, and with --baseline FILE by their distance from its texts.");
    private readonly Option<double?> _falseRefusals = SharedOptions.Share("--false-refusals",
        "With --out-of-scope: the share of texts of a class that may be refused. Default 0.05.", 0.99);
    private readonly Option<string?> _refusal = SharedOptions.Text("--refusal", "LABEL",
        "The model's label for texts that it cannot tell, such as neutral: report how many texts get another one, and how many of these " +
            "are right. With --out-of-scope its score does not count.");
    private readonly Option<bool> _strict = SharedOptions.Flag("--strict",
        "With tagging: an entity begins with B- only, as in seqeval's strict mode.");
    private readonly Option<bool> _forbidImpossible = SharedOptions.Flag("--forbid-impossible-tags",
        "With tagging: choose the tags of a sentence together, so that no I- stands without its B-.");
    private readonly Option<string[]> _choices = new("--choice")
    {
        HelpName = "COLUMN",
        Description = "With choosing: a column of choices; given several times. One alone holds a JSON array of them.",
    };

    private readonly Option<bool> _noAnswer = SharedOptions.Flag("--no-answer",
        "With answering: score as SQuAD 2.0 also where every question has an answer.");
    private readonly Option<double?> _threshold = SharedOptions.Real("--threshold",
        "With answering of SQuAD 2.0: how much better no answer must be than the best one, in logits. Default 0.");
    private readonly Option<string?> _predictions = SharedOptions.Text("--predictions", "FOLDER",
        "With answering: write predictions.json, nbest_predictions.json and null_odds.json there.");
    private readonly Option<string?> _queryPrompt = SharedOptions.Text("--prompt", "NAME",
        "With --task retrieval: the model's prompt for queries.");
    private readonly Option<string?> _documentPrompt = SharedOptions.Text("--document-prompt", "NAME",
        "With --task retrieval: the model's prompt for documents.");
    private readonly Option<string?> _queryModel = SharedOptions.Text("--query-model", "MODEL",
        "With --task retrieval: makes the queries' vectors, where that is another model than the documents'.");

    // An option that a task does not look at is a mistake, and told.
    private void CheckOptions(ParseResult arguments, EvaluationTask task, bool isGlue)
    {
        var classifies = task == EvaluationTask.Classification;
        var readsTables = !isGlue && (classifies || task is EvaluationTask.Similarity or EvaluationTask.Choosing);
        Only(isGlue, _submission, "--glue");
        Only(isGlue || task == EvaluationTask.Retrieval, _split, "--glue or --task retrieval");
        Only(classifies || task is EvaluationTask.Answering or EvaluationTask.Retrieval, _baseline,
            "classification, answering and retrieval");
        foreach (var option in (Option[])[_calibrate, _saveTemperature, _outOfScope, _falseRefusals, _refusal])
            Only(classifies, option, "classification");
        Only(classifies, _labels, "classification");
        Only(classifies || task is EvaluationTask.Tagging or EvaluationTask.Answering, _head, "classification, tagging and answering");
        Only(task == EvaluationTask.Tagging, _strict, "tagging");
        Only(task == EvaluationTask.Tagging, _forbidImpossible, "tagging");
        Only(task == EvaluationTask.Choosing, _choices, "choosing");
        foreach (var option in (Option[])[_noAnswer, _threshold, _predictions]) Only(task == EvaluationTask.Answering, option, "answering");
        foreach (var option in (Option[])[_queryPrompt, _documentPrompt, _queryModel])
            Only(task == EvaluationTask.Retrieval, option, "--task retrieval");
        foreach (var option in (Option[])[_format, _separator, _noHeader]) Only(readsTables, option, "tables");
        foreach (var option in (Option[])[_text, _label]) Only(readsTables || task == EvaluationTask.Tagging, option, "columns");
        Only(readsTables && task != EvaluationTask.Choosing, _pair, "pairs of texts in tables");
        Only(!isGlue && task is EvaluationTask.Classification or EvaluationTask.Similarity, _heldOut, "tables of texts");
        if (arguments.GetValue(_calibrate) && arguments.GetValue(_windows))
            throw new UsageException("--calibrate does not go with --windows: a temperature is for the logits of one window");
        if (arguments.GetValue(_saveTemperature) && !arguments.GetValue(_calibrate))
            throw new UsageException("--save-temperature needs --calibrate");
        if (arguments.GetValue(_falseRefusals) is not null && arguments.GetValue(_outOfScope) is null)
            throw new UsageException("--false-refusals needs --out-of-scope");

        void Only(bool isUsed, Option option, string what)
        {
            if (!isUsed && arguments.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} is for {what}");
        }
    }
}
