using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Training;
using SqueezeBert.Evaluation;
using SqueezeBert.Training;
using SqueezeBert.Training.Recipes;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Cli.Commands;

/// <summary>Trains a model by a recipe, or on labelled files with defaults.</summary>
internal sealed class TrainCommand : ToolCommand
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(30);

    private readonly Argument<string?> _recipe = new("RECIPE")
    {
        Description =
        "JSON file that says what to train, on what and how (docs/training.md).",
        Arity = ArgumentArity.ZeroOrOne
    };
    private readonly Option<bool> _resume = SharedOptions.Flag("--resume", "Go on from the newest checkpoint in the output folder.");
    private readonly Option<string?> _dataRoot = SharedOptions.Text(
        "--data-root", "DIR", "Folder that the recipe's data files are relative to.");
    private readonly Option<string?> _output = SharedOptions.Text("--output", "DIR", "Folder for the model; replaces the recipe's.");
    private readonly Option<string?> _teacher = SharedOptions.Text("--teacher", "DIR",
        "With a recipe: the model that a student learns from (distillation); replaces the recipe's.");
    private readonly Option<string?> _copyTo = SharedOptions.Text("--copy-to", "DIR",
        "With a recipe: a second folder for each checkpoint's weights, in float16; replaces the recipe's.");
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<string[]> _data = new("--data")
    {
        HelpName = "FILE",
        Description =
            "Instead of a recipe: CSV, TSV or JSON lines, plain or gzip, with a text and a label column. Several must have the same " +
                "columns.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<bool> _noHeader = SharedOptions.NoHeader();
    private readonly Option<string?> _text = SharedOptions.Text("--text", "COLUMN", "Column of the text. Without it: 'text'.");
    private readonly Option<string?> _pair = SharedOptions.Text("--pair", "COLUMN", "Column of a second text.");
    private readonly Option<string?> _label = SharedOptions.Text("--label", "COLUMN", "Column of the label. Without it: 'label'.");
    private readonly Option<string?> _task = SharedOptions.Text("--task", "TASK",
        "single-label, multi-label (labels of a row separated by commas, semicolons or spaces, or a JSON array) or regression. Without " +
            "it: numbers with fractions are a regression, everything else is single-label.");
    private readonly Option<string?> _from = SharedOptions.Text("--from", ModelArgument.HelpName,
        "The model to start from: a folder, or hf:owner/name. Without it: the sentiment model in the box, or " +
            "the recipe's.");
    private readonly Option<string?> _vocabulary =
        SharedOptions.Text("--vocab", "FILE", "Start from nothing, with this vocab.txt ('squeezebert vocab' makes one).");
    private readonly Option<bool> _cased = SharedOptions.Flag("--cased", "With --vocab: tell upper from lower case.");
    private readonly Option<double?> _epochs = SharedOptions.Fraction(
        "--epochs", "Passes over the data. Without it: 3 to 20, more for few rows.");
    private readonly Option<double?> _minutes = SharedOptions.Fraction(
        "--minutes", "Minutes to train, instead of or besides --epochs. Two such runs differ.");
    private readonly Option<int?> _batchSize = SharedOptions.Number("--batch-size", "Texts of a step. Without it: 32.", 1);
    private readonly Option<double?> _learningRate =
        SharedOptions.Fraction("--learning-rate", "Peak learning rate. Without it: by the model's width.");
    private readonly Option<int?> _maxLength = SharedOptions.Number("--max-length",
        "Tokens of a text at most, special tokens included; the rest is cut. Without it: 256, or as many as the model reads.", 3);
    private readonly Option<int?> _heldOut = SharedOptions.Number("--held-out",
        "Hold out one text in N, chosen by a hash of the text, to report the result on; with 200 of them or more, the best epoch is " +
            "kept, else the last. 0 holds none out. Without it: 10.", 0);
    private readonly Option<string[]> _evaluation = new("--evaluation")
    {
        HelpName = "FILE",
        Description = "Files with the same columns to report the result on, instead of a part of --data.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _group = SharedOptions.Text("--group", "COLUMN",
        "Column that says which rows belong together (one author, one document): they are held out together. Without it: equal texts.");
    private readonly Option<int?> _seed = SharedOptions.Number("--seed", "Everything random follows from it. Without it: 1.", 0);

    public TrainCommand()
        : base("train", "Trains a model by a recipe, or on your own labelled files.")
    {
        _task.AcceptOnlyFromAmong([.. Tasks.Select(task => task.Name)]);
        Add(_recipe);
        AddAll([_resume, _dataRoot, _output, _teacher, _copyTo, _threads, _data, .. FileOptions]);
    }

    // Those that learn from a table.
    private static IEnumerable<TrainingTask> Tasks => TrainingTasks.All.Where(task => task.Labels != LabelKind.None);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert train recipes/sentiment.json --data-root data",
        "squeezebert train recipes/sentiment.json --data-root data --resume",
        "squeezebert train --data reviews.csv --text review --label stars --output my-model",
        "squeezebert train --data train.tsv --evaluation dev.tsv --output my-model",
        "squeezebert train --data questions.tsv --text question --label topic --output topics --from squeezebert-uncased",
    ];

    // Those that only make sense with --data.
    private Option[] FileOptions =>
        [_format, _noHeader, _text, _pair, _label, _task, _from, _vocabulary, _cased, _epochs, _minutes, _batchSize, _learningRate,
            _maxLength, _heldOut, _evaluation, _group, _seed];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var recipe = ReadRecipe(arguments, console, cancellationToken, out var path);
        if (arguments.GetValue(_threads) is { } threads) recipe = recipe with { Threads = threads };
        try
        {
            var result = Display(console, cancellationToken)
                .Show(progress => Trainer.Run(recipe, arguments.GetValue(_resume), progress, cancellationToken));
            TrainingReport.Write(console.Output, recipe, result);
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            console.Error.WriteLine($"squeezebert train: interrupted; {Continuation(arguments, recipe, path)}");
            return ExitCode.Failure;
        }
    }

    private Recipe ReadRecipe(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken, out string path)
    {
        var data = arguments.GetValue(_data) ?? [];
        if (arguments.GetValue(_recipe) is { } recipe)
        {
            if (data.Length > 0) throw new UsageException("give a recipe or --data, not both");
            var misplaced = FileOptions.FirstOrDefault(option => option != _from && arguments.GetResult(option) is { Implicit: false });
            if (misplaced is not null)
                throw new UsageException($"{misplaced.Name} goes with --data; a recipe has its own, change it there");
            path = recipe;
            return WithOptions(Recipe.Load(recipe, arguments.GetValue(_dataRoot)), arguments, console, cancellationToken);
        }

        if (data.Length == 0) throw new UsageException("give a recipe, or --data FILE --text COLUMN --label COLUMN --output DIR");
        var output = arguments.GetValue(_output) ?? throw new UsageException("--output DIR is missing: the folder for the model");
        if (arguments.GetValue(_dataRoot) is not null)
            throw new UsageException("--data-root goes with a recipe; --data takes paths as they are");
        if (new[] { _teacher, _copyTo }.FirstOrDefault(option => arguments.GetValue(option) is not null) is { } stray)
            throw new UsageException($"{stray.Name} goes with a recipe");
        if (arguments.GetValue(_resume))
            throw new UsageException(
                $"to resume, name the recipe that was written to the output folder: squeezebert train " +
                    $"{Quoted(Path.Combine(output, FileRecipe.FileName))} --resume");
        if (arguments.GetValue(_cased) && arguments.GetValue(_vocabulary) is null)
            throw new UsageException("--cased goes with --vocab: a model brings its own tokenizer");
        if (arguments.GetValue(_from) is not null && arguments.GetValue(_vocabulary) is not null)
            throw new UsageException("give --from or --vocab: a model brings its own vocabulary");
        if (arguments.GetValue(_evaluation) is { Length: > 0 })
        {
            var split = new Option[] { _heldOut, _group }.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false });
            if (split is not null) throw new UsageException($"{split.Name} splits --data, of which --evaluation holds nothing out");
        }

        path = OfFiles(arguments, data, output, console, cancellationToken).Write(cancellationToken);
        return Recipe.Load(path);
    }

    /// <summary>A recipe with the folders that the command line names in the place of its own.</summary>
    private Recipe WithOptions(Recipe recipe, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_output) is { } output) recipe = recipe with { Output = output };
        if (arguments.GetValue(_copyTo) is { } copy) recipe = recipe with { CopyTo = copy };
        if (arguments.GetValue(_from) is not null)
        {
            if (recipe.From is null) throw new UsageException("--from replaces a recipe's 'from', and this one starts a new model");
            recipe = recipe with { From = ModelArgument.ResolveOrDefault(arguments, _from, console, cancellationToken) };
        }

        if (arguments.GetValue(_teacher) is not { } teacher) return recipe;
        if (!recipe.Stages.Any(stage => stage.Task.HasTeacher)) throw new UsageException("--teacher: no stage of the recipe has a teacher");
        return recipe with
        {
            Stages = [.. recipe.Stages.Select(stage => stage.Task.HasTeacher ? stage with { Teacher = teacher } : stage)],
        };
    }

    private FileRecipe OfFiles(ParseResult arguments, string[] data, string output, ToolConsole console,
        CancellationToken cancellationToken) => new()
        {
            Files = data,
            Output = output,
            Format = arguments.GetValue(_format),
            HasHeader = !arguments.GetValue(_noHeader),
            Text = arguments.GetValue(_text) ?? "text",
            Pair = arguments.GetValue(_pair),
            Label = arguments.GetValue(_label) ?? "label",
            Task = arguments.GetValue(_task) is { } name ? Tasks.Single(task => task.Name == name) : null,
            From = arguments.GetValue(_vocabulary) is null
            ? ModelArgument.ResolveOrDefault(arguments, _from, console, cancellationToken) : null,
            Vocabulary = arguments.GetValue(_vocabulary),
            LowerCase = !arguments.GetValue(_cased),
            Epochs = arguments.GetValue(_epochs),
            Minutes = arguments.GetValue(_minutes),
            BatchSize = arguments.GetValue(_batchSize) ?? 32,
            LearningRate = arguments.GetValue(_learningRate),
            MaxLength = arguments.GetValue(_maxLength),
            HeldOut = arguments.GetValue(_heldOut) ?? 10,
            Evaluation = arguments.GetValue(_evaluation) ?? [],
            Group = arguments.GetValue(_group),
            Seed = arguments.GetValue(_seed) ?? 1,
        };

    private static ITrainingDisplay Display(ToolConsole console, CancellationToken cancellationToken) => console.IsErrorInteractive
        ? new LiveTrainingDisplay(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }),
            cancellationToken)
        : new PlainTrainingDisplay(console.Error, LineInterval);

    private string Continuation(ParseResult arguments, Recipe recipe, string path)
    {
        if (!Trainer.CanResume(recipe)) return "nothing is saved yet";
        var command = $"squeezebert train {Quoted(path)} --resume";
        foreach (var option in new[] { _dataRoot, _output, _from, _teacher, _copyTo })
        {
            // The recipe that --data wrote knows its output.
            if (arguments.GetValue(_recipe) is not null && arguments.GetValue(option) is { } value)
                command += $" {option.Name} {Quoted(value)}";
        }

        if (arguments.GetValue(_threads) is { } threads)
            command += string.Create(CultureInfo.InvariantCulture, $" {_threads.Name} {threads}");
        return $"a checkpoint is saved, go on with: {command}";
    }

    private static string Quoted(string argument) => CommandText.Quoted(argument);
}
