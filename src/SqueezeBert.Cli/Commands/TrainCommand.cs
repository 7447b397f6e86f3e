using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SqueezeBert.Cli.Training;
using SqueezeBert.Models;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Commands;

/// <summary>Trains a model by a recipe, or on labelled files with defaults.</summary>
internal sealed class TrainCommand : ToolCommand
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(30);

    private readonly Argument<string?> _recipe = new("RECIPE") { Description = "JSON file that says what to train, on what and how (docs/training.md).", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from the newest checkpoint in the output folder." };
    private readonly Option<string?> _dataRoot = new("--data-root") { Description = "Folder that the recipe's data files are relative to.", HelpName = "DIR" };
    private readonly Option<string?> _output = new("--output") { Description = "Folder for the model; replaces the recipe's.", HelpName = "DIR" };
    private readonly Option<long?> _threads = NumberOptions.Integer("--threads", "Threads; default one a core. The result does not depend on it.", 1, 1024);
    private readonly Option<string[]> _data = new("--data") { Description = "Instead of a recipe: a TSV, CSV or JSONL file (maybe .gz) with a text and a label column; may be repeated.", HelpName = "FILE" };
    private readonly Option<string> _text = new("--text") { Description = "Column of the text.", HelpName = "COLUMN", DefaultValueFactory = _ => "text" };
    private readonly Option<string?> _pair = new("--pair") { Description = "Column of a second text.", HelpName = "COLUMN" };
    private readonly Option<string> _label = new("--label") { Description = "Column of the label.", HelpName = "COLUMN", DefaultValueFactory = _ => "label" };
    private readonly Option<string?> _task = new("--task") { Description = "What the label column means; default: fractions are a regression, everything else a single label." };
    private readonly Option<string?> _from = new("--from") { Description = "Model folder to start from; default the sentiment model that ships with the tool.", HelpName = "DIR" };
    private readonly Option<string?> _vocabulary = new("--vocab") { Description = "Start from nothing with this vocab.txt ('squeezebert vocab' makes one).", HelpName = "FILE" };
    private readonly Option<bool> _cased = new("--cased") { Description = "With --vocab: tell upper from lower case." };
    private readonly Option<double?> _epochs = NumberOptions.Real("--epochs", "Passes over the data; default 3 to 20, more for few rows. The best one is kept.", 0, 1e6);
    private readonly Option<double?> _minutes = NumberOptions.Real("--minutes", "Minutes to train, instead of or besides --epochs. Two such runs differ.", 0, 1e6);
    private readonly Option<long?> _batchSize = NumberOptions.Integer("--batch-size", "Texts of a step; default 32.", 1, 1 << 20);
    private readonly Option<double?> _learningRate = NumberOptions.Real("--learning-rate", "Peak learning rate; default by the model's width.", 0, 10);
    private readonly Option<long?> _maxLength = NumberOptions.Integer("--max-length", "Tokens of a text, longer ones are cut; default 256 or the model's limit.", 3, 1 << 20);
    private readonly Option<long?> _heldOut = NumberOptions.Integer("--held-out", "Hold out one text in N to choose the best epoch and report it; 0: none. Default 10.", 0, 1 << 30);
    private readonly Option<long?> _seed = NumberOptions.Integer("--seed", "Everything random follows from it; default 1.", 0, long.MaxValue);

    public TrainCommand()
        : base("train", "Trains a model by a recipe, or on your own labelled files.")
    {
        _task.AcceptOnlyFromAmong(FileRecipe.SingleLabel, FileRecipe.MultiLabel, FileRecipe.Regression);
        Add(_recipe);
        foreach (var option in (Option[])[_resume, _dataRoot, _output, _threads, _data, .. FileOptions]) Add(option);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert train recipes/sentiment.json --data-root data",
        "squeezebert train recipes/sentiment.json --data-root data --resume",
        "squeezebert train --data reviews.csv --text review --label stars --output my-model",
        "squeezebert train --data questions.tsv --text question --label topic --output topics --from squeezebert-uncased",
    ];

    // Those that only make sense with --data.
    private Option[] FileOptions =>
        [_text, _pair, _label, _task, _from, _vocabulary, _cased, _epochs, _minutes, _batchSize, _learningRate, _maxLength, _heldOut, _seed];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var recipe = ReadRecipe(arguments, cancellationToken, out var path);
        if (arguments.GetValue(_threads) is { } threads) recipe = recipe with { Threads = (int)threads };
        try
        {
            var result = Display(console, cancellationToken).Show(progress => Trainer.Run(recipe, arguments.GetValue(_resume), progress, cancellationToken));
            TrainingReport.Write(console.Output, recipe, result);
            return Tool.Success;
        }
        catch (OperationCanceledException)
        {
            console.Error.WriteLine($"squeezebert train: interrupted; {Continuation(arguments, recipe, path)}");
            return Tool.Failure;
        }
    }

    private Recipe ReadRecipe(ParseResult arguments, CancellationToken cancellationToken, out string path)
    {
        var data = arguments.GetValue(_data) ?? [];
        if (arguments.GetValue(_recipe) is { } recipe)
        {
            if (data.Length > 0) throw new UsageException("give a recipe or --data, not both");
            if (FileOptions.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false }) is { } misplaced)
                throw new UsageException($"{misplaced.Name} goes with --data; a recipe has its own, change it there");
            path = recipe;
            var loaded = Recipe.Load(recipe, arguments.GetValue(_dataRoot));
            return arguments.GetValue(_output) is { } folder ? loaded with { Output = folder } : loaded;
        }

        if (data.Length == 0) throw new UsageException("give a recipe, or --data FILE --text COLUMN --label COLUMN --output DIR");
        var output = arguments.GetValue(_output) ?? throw new UsageException("--output DIR is missing: the folder for the model");
        if (arguments.GetValue(_dataRoot) is not null) throw new UsageException("--data-root goes with a recipe; --data takes paths as they are");
        if (arguments.GetValue(_resume))
            throw new UsageException($"to resume, name the recipe that was written to the output folder: squeezebert train {Quoted(Path.Combine(output, FileRecipe.FileName))} --resume");
        if (arguments.GetValue(_from) is not null && arguments.GetValue(_vocabulary) is not null) throw new UsageException("give --from or --vocab: a model brings its own vocabulary");
        path = OfFiles(arguments, data, output).Write(cancellationToken);
        return Recipe.Load(path);
    }

    private FileRecipe OfFiles(ParseResult arguments, string[] data, string output) => new()
    {
        Files = data,
        Output = output,
        Text = arguments.GetValue(_text)!,
        Pair = arguments.GetValue(_pair),
        Label = arguments.GetValue(_label)!,
        Task = arguments.GetValue(_task),
        From = arguments.GetValue(_from) ?? (arguments.GetValue(_vocabulary) is null ? PretrainedModels.Sentiment : null),
        Vocabulary = arguments.GetValue(_vocabulary),
        LowerCase = !arguments.GetValue(_cased),
        Epochs = arguments.GetValue(_epochs),
        Minutes = arguments.GetValue(_minutes),
        BatchSize = (int?)arguments.GetValue(_batchSize) ?? 32,
        LearningRate = arguments.GetValue(_learningRate),
        MaxLength = (int?)arguments.GetValue(_maxLength),
        HeldOut = (int?)arguments.GetValue(_heldOut) ?? 10,
        Seed = arguments.GetValue(_seed) ?? 1,
    };

    private static ITrainingDisplay Display(ToolConsole console, CancellationToken cancellationToken) => console.IsErrorInteractive
        ? new LiveTrainingDisplay(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }), cancellationToken)
        : new PlainTrainingDisplay(console.Error, LineInterval);

    private string Continuation(ParseResult arguments, Recipe recipe, string path)
    {
        if (!Trainer.CanResume(recipe)) return "nothing is saved yet";
        var command = $"squeezebert train {Quoted(path)} --resume";
        foreach (var option in new[] { _dataRoot, _output })
        {
            // The recipe that --data wrote knows its output.
            if (arguments.GetValue(_recipe) is not null && arguments.GetValue(option) is { } value) command += $" {option.Name} {Quoted(value)}";
        }

        if (arguments.GetValue(_threads) is { } threads) command += string.Create(CultureInfo.InvariantCulture, $" {_threads.Name} {threads}");
        return $"a checkpoint is saved, go on with: {command}";
    }

    private static string Quoted(string argument) => CommandText.Quoted(argument);
}
