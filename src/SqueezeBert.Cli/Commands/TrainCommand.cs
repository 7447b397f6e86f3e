using System.CommandLine;
using System.Globalization;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Training;
using SqueezeBert.Models;
using SqueezeBert.Training;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Cli.Commands;

/// <summary>Trains a model by a recipe, or on a user's files with defaults.</summary>
internal sealed class TrainCommand : ToolCommand
{
    private readonly Argument<string?> _recipe = new("RECIPE")
    {
        Description =
        "JSON file that says what to train, on what and how (docs/training.md); with --task, a file to train on.",
        Arity = ArgumentArity.ZeroOrOne
    };
    private readonly Option<bool> _resume = SharedOptions.Flag("--resume", "Go on from the newest checkpoint in the output folder.");
    private readonly Option<string?> _dataRoot = SharedOptions.Text(
        "--data-root", "DIR", "Folder that the recipe's data files are relative to.");
    private readonly Option<string?> _output = SharedOptions.Text("--output", "DIR", "Folder for the model; replaces the recipe's.");
    private readonly Option<string?> _teacher = SharedOptions.Text("--teacher", "DIR",
        "With a recipe: the model that a student learns from (distillation, soft labels, or the one head that has a teacher); replaces " +
            "the recipe's.");
    private readonly Option<string?> _copyTo = SharedOptions.Text("--copy-to", "DIR",
        "With a recipe: a second folder for each checkpoint's weights, in float16; replaces the recipe's.");
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<string?> _from = SharedOptions.Text("--from", ModelArgument.HelpName,
        "The model to start from: a folder, hf:owner/name, box:embeddings or box:sentiment. Without it: the recipe's, or the sentence " +
            "encoder in the box; the sentiment model if all labels are its own.");
    private readonly FileTrainingArguments _files;

    public TrainCommand()
        : base("train", "Trains a model by a recipe, or on your own files.")
    {
        _files = new FileTrainingArguments(_output, _from);
        Add(_recipe);
        AddAll([_resume, _dataRoot, _output, _from, _teacher, _copyTo, _threads, .. _files.All]);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert train recipes/sentiment.json --data-root data",
        "squeezebert train recipes/sentiment.json --data-root data --resume",
        "squeezebert train --data reviews.csv --text review --label stars --output my-model",
        "squeezebert train --data train.tsv --evaluation dev.tsv --output my-model",
        "squeezebert train names.conll --task token-classification --output my-ner-model --from squeezebert-uncased",
        "squeezebert train train-v2.0.json --task question-answering --output my-squad-model --from squeezebert-uncased",
        "squeezebert train --data questions.tsv --text question --label topic --output topics --from squeezebert-uncased",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var output = arguments.GetValue(_output);
        var made = output is null ? null : new MadeFolders(output);
        FileRecipe? files = null;
        try
        {
            var recipe = ReadRecipe(arguments, console, cancellationToken, out var path, out files);
            if (arguments.GetValue(_threads) is { } threads) recipe = recipe with { Threads = threads };
            return Train(arguments, recipe, path, console, cancellationToken);
        }
        catch (RecipeException e) when (!IsRecipe(arguments) && _files.OptionOf(e.Field, arguments) is { } option)
        {
            // The user gave options, and knows nothing of the recipe that was made of them.
            throw files is null && option != _output ? new UsageException($"{option.Name} {e.Reason}")
                : new InvalidOperationException($"{option.Name}: {e.Reason}", e);
        }
        finally
        {
            files?.Discard(made!);
        }
    }

    private int Train(ParseResult arguments, Recipe recipe, string path, ToolConsole console, CancellationToken cancellationToken)
    {
        try
        {
            var result = TrainingDisplay.Of(console, cancellationToken)
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

    private Recipe ReadRecipe(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken, out string path,
        out FileRecipe? files)
    {
        files = null;
        var argument = arguments.GetValue(_recipe);
        if (argument is { } recipe && !_files.TakesArgument(arguments))
        {
            _files.RequireNone(arguments);
            path = recipe;
            return WithOptions(Recipe.Load(recipe, arguments.GetValue(_dataRoot)), arguments, console, cancellationToken);
        }

        if (argument is null && !_files.IsAsked(arguments)) throw new UsageException(
            "give a recipe, or --data FILE --text COLUMN --label COLUMN --output DIR");
        var output = arguments.GetValue(_output) ?? throw new UsageException("--output DIR is missing: the folder for the model");
        if (arguments.GetValue(_dataRoot) is not null)
            throw new UsageException("--data-root goes with a recipe; --data takes paths as they are");
        if (new[] { _teacher, _copyTo }.FirstOrDefault(option => arguments.GetValue(option) is not null) is { } stray)
            throw new UsageException($"{stray.Name} goes with a recipe");
        if (arguments.GetValue(_resume))
            throw new UsageException(
                $"to resume, name the recipe that was written to the output folder: squeezebert train " +
                    $"{Quoted(Path.Combine(output, FileRecipe.FileName))} --resume");
        var made = _files.Recipe(arguments, argument, output, name => Folder(name, console, cancellationToken));
        path = made.Write(cancellationToken);
        files = made;
        return Resolved(Recipe.Load(path), console, cancellationToken);
    }

    /// <summary>A recipe with the folder of the model that it names.</summary>
    private Recipe Resolved(Recipe recipe, ToolConsole console, CancellationToken cancellationToken) =>
        recipe.From is { } name && NamedModel.Is(name) ? recipe with { From = Folder(name, console, cancellationToken) } : recipe;

    /// <summary>The folder of a model to start from.</summary>
    private string Folder(string name, ToolConsole console, CancellationToken cancellationToken)
    {
        var box = name switch
        {
            NamedModel.Embeddings => EmbeddingModels.English,
            NamedModel.Sentiment => PretrainedModels.Sentiment,
            _ => null,
        };
        if (box is null && NamedModel.IsOfBox(name))
            throw new UsageException($"there is no '{name}' in the box, only {NamedModel.Embeddings} and {NamedModel.Sentiment}");
        if (box is null) return ModelArgument.Resolve(name, console, cancellationToken);
        return Directory.Exists(box) ? box
            : throw new UsageException($"this build has no model in the box; name one with {_from.Name}");
    }

    /// <summary>A recipe with the folders that the command line names in the place of its own.</summary>
    private Recipe WithOptions(Recipe recipe, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_output) is { } output) recipe = recipe with { Output = output };
        if (arguments.GetValue(_copyTo) is { } copy) recipe = recipe with { CopyTo = copy };
        if (arguments.GetValue(_from) is { } from)
        {
            if (recipe.From is null) throw new UsageException("--from replaces a recipe's 'from', and this one starts a new model");
            recipe = recipe with { From = Folder(from, console, cancellationToken) };
        }

        recipe = Resolved(recipe, console, cancellationToken);
        if (arguments.GetValue(_teacher) is not { } teacher) return recipe;
        var heads = recipe.Stages.Sum(stage => stage.Heads.Count(head => head.Teacher is not null));
        if (heads > 1 || (heads == 1 && recipe.Stages.Any(HasTeacher)))
            throw new UsageException("--teacher: several heads or stages of the recipe have a teacher; change the recipe");
        if (heads == 1)
        {
            return recipe with
            {
                Stages = [.. recipe.Stages.Select(stage => stage with { Heads = [.. stage.Heads.Select(TaughtBy)] })],
            };
        }

        if (!recipe.Stages.Any(HasTeacher)) throw new UsageException("--teacher: no stage of the recipe has a teacher");
        return recipe with
        {
            Stages = [.. recipe.Stages.Select(stage => HasTeacher(stage) ? stage with { Teacher = teacher, OtherTeachers = [] } : stage)],
        };

        HeadRecipe TaughtBy(HeadRecipe head) => head.Teacher is null ? head : head with { Teacher = teacher, OtherTeachers = [] };

        static bool HasTeacher(StageRecipe stage) => stage.Task.HasTeacher || stage.Teacher is not null;
    }

    private string Continuation(ParseResult arguments, Recipe recipe, string path)
    {
        if (!Trainer.CanResume(recipe)) return "nothing is saved yet";
        var command = $"squeezebert train {Quoted(path)} --resume";
        foreach (var option in new[] { _dataRoot, _output, _from, _teacher, _copyTo })
        {
            // The recipe that --data wrote knows its output.
            if (IsRecipe(arguments) && arguments.GetValue(option) is { } value)
                command += $" {option.Name} {Quoted(value)}";
        }

        if (arguments.GetValue(_threads) is { } threads)
            command += string.Create(CultureInfo.InvariantCulture, $" {_threads.Name} {threads}");
        return $"a checkpoint is saved, go on with: {command}";
    }

    private bool IsRecipe(ParseResult arguments) => arguments.GetValue(_recipe) is not null && !_files.TakesArgument(arguments);

    private static string Quoted(string argument) => CommandText.Quoted(argument);
}
