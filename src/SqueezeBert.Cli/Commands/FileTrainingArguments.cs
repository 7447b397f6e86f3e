using System.CommandLine;
using System.Globalization;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Evaluation;
using SqueezeBert.Models;
using SqueezeBert.Training;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Cli.Commands;

/// <summary>The part of `train` that makes a recipe of a user's own files.</summary>
internal sealed class FileTrainingArguments
{
    private readonly Option<string?> _output;
    private readonly Option<string?> _from;
    private readonly Option<string[]> _data = new("--data")
    {
        HelpName = "FILE",
        Description =
            "Instead of a recipe: files in the form of the task, plain or gzip. Several must have the same columns.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<char?> _separator = SharedOptions.Separator();
    private readonly Option<bool> _noHeader = SharedOptions.NoHeader();
    private readonly Option<string?> _text = SharedOptions.Text(
        "--text", "COLUMN", "Column of the text. Without it: 'text', or the task's.");
    private readonly Option<string?> _pair = SharedOptions.Text("--pair", "COLUMN", "Column of a second text.");
    private readonly Option<string?> _label = SharedOptions.Text(
        "--label", "COLUMN", "Column of the label. Without it: 'label', or the task's.");
    private readonly Option<string?> _task = SharedOptions.Text("--task", "TASK",
        "What to learn, and from what: " + string.Concat(Tasks.Select(task => $"{task.Name}: {task.Files}. "))
            + "Without it: numbers with fractions are a regression, everything else is single-label.");
    private readonly Option<string[]> _choices = new("--choice")
    {
        HelpName = "COLUMN",
        Description = "A column of choices (multiple-choice); given several times. One alone holds a JSON array of them.",
    };

    private readonly Option<string?> _negative = SharedOptions.Text("--negative", "COLUMN", "Column of wrong texts (retrieval).");
    private readonly Option<string?> _scores = new("--scores")
    {
        HelpName = "LOW,HIGH",
        Description = "The lowest and the highest score of the data (similarity): 0,5. Without it: -1,1.",
    };

    private readonly Option<string[]> _labels = LabelValues.Option(
        "Values of the label column and what they mean, in the order of the model's outputs: 0=negative,1=positive. Without it: those of " +
            "the start, or of the data.");
    private readonly Option<string?> _vocabulary =
        SharedOptions.Text("--vocab", "FILE", "Start from nothing, with this vocab.txt ('squeezebert vocab' makes one).");
    private readonly Option<bool> _cased = SharedOptions.Flag("--cased", "With --vocab: tell upper from lower case.");
    private readonly Option<double?> _epochs = SharedOptions.Fraction(
        "--epochs", "Passes over the data. Without it: 2 to 20, more for few rows.");
    private readonly Option<double?> _minutes = SharedOptions.Fraction(
        "--minutes", "Minutes to train, instead of or besides --epochs. Two such runs differ.");
    private readonly Option<int?> _batchSize = SharedOptions.Number("--batch-size", "Texts of a step. Without it: 32.", 1);
    private readonly Option<double?> _learningRate =
        SharedOptions.Fraction("--learning-rate", "Peak learning rate. Without it: by the start and its width.");
    private readonly Option<double?> _warmup = SharedOptions.Share(
        "--warmup", "Share of the training, 0 to 1, in which the learning rate rises. Without it: 0.06.", 1);
    private readonly Option<double?> _dropout = SharedOptions.Share(
        "--dropout", "Dropout of hidden states and attention, 0 to 0.99. Without it: the model's.", 0.99);
    private readonly Option<int?> _patience = SharedOptions.Number(
        "--patience", "End after so many evaluations without a better one. Without it: train to the end.", 1);
    private readonly Option<string?> _freeze = SharedOptions.Text("--freeze", "PART",
        "What is not trained: embeddings, encoder, or a number N: the embeddings and the first N layers. Without it: all is.");
    private readonly Option<int?> _lora = SharedOptions.Number("--lora",
        "Train adapters of this rank beside the encoder's queries and values, and the head, instead of the encoder; they are added to " +
            "it when the model is saved.", 1);
    private readonly Option<string?> _precision = SharedOptions.PrecisionOr(
        "Type of the saved numbers. Without it: that of the start, float32 of a new model.");
    private readonly Option<int?> _maxLength = SharedOptions.Number("--max-length",
        "The most tokens to read of a text, special tokens included; the rest is cut. Without it: 256, or as many as the model reads.", 3);
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

    /// <param name="output">The command's --output.</param>
    /// <param name="from">The command's --from.</param>
    public FileTrainingArguments(Option<string?> output, Option<string?> from)
    {
        (_output, _from) = (output, from);
        _task.AcceptOnlyFromAmong([.. Tasks.Select(task => task.Name)]);
    }

    /// <summary>Options that only make sense without a recipe.</summary>
    public Option[] All =>
        [_data, _format, _separator, _noHeader, _text, _pair, _label, _choices, _negative, _scores, _labels, _task, _vocabulary, _cased,
            _epochs, _minutes, _batchSize, _learningRate, _warmup, _dropout, _patience, _freeze, _lora, _precision, _maxLength, _heldOut,
            _evaluation, _group, _seed];

    // A teacher and heads are named by a recipe.
    private static IEnumerable<TrainingTask> Tasks => TrainingTasks.All.Where(task => !task.HasTeacher && !task.HasHeads);

    /// <summary>Whether the command line names files to train on.</summary>
    public bool IsAsked(ParseResult arguments) => arguments.GetValue(_data) is { Length: > 0 };

    /// <summary>Whether the command's argument is a file to train on and no recipe: --task says so.</summary>
    public bool TakesArgument(ParseResult arguments) => !IsAsked(arguments) && arguments.GetValue(_task) is not null;

    /// <summary>Complains about options beside a recipe.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public void RequireNone(ParseResult arguments)
    {
        if (IsAsked(arguments)) throw new UsageException("give a recipe or --data, not both");
        if (All.FirstOrDefault(option => IsGiven(option, arguments)) is { } misplaced)
            throw new UsageException($"{misplaced.Name} goes with --data; a recipe has its own, change it there");
    }

    /// <summary>The recipe of the options.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="argument">The command's argument, where it is a file to train on.</param>
    /// <param name="output">Folder for the model.</param>
    /// <param name="folderOf">The folder of a model by its name.</param>
    /// <exception cref="UsageException">Two options contradict each other.</exception>
    public FileRecipe Recipe(ParseResult arguments, string? argument, string output, Func<string, string> folderOf)
    {
        if (arguments.GetValue(_cased) && arguments.GetValue(_vocabulary) is null)
            throw new UsageException("--cased goes with --vocab: a model brings its own tokenizer");
        if (arguments.GetValue(_from) is not null && arguments.GetValue(_vocabulary) is not null)
            throw new UsageException("give --from or --vocab: a model brings its own vocabulary");
        if (arguments.GetValue(_evaluation) is { Length: > 0 }
            && new Option[] { _heldOut, _group }.FirstOrDefault(option => IsGiven(option, arguments)) is { } split)
            throw new UsageException($"{split.Name} splits --data, of which --evaluation holds nothing out");

        foreach (var file in arguments.GetValue(_data)!.Concat(arguments.GetValue(_evaluation) ?? []))
            _ = SharedOptions.Table(file, arguments.GetValue(_format), arguments.GetValue(_separator), noHeader: false);

        // A model of the hub or the one in the box is named, so that the recipe can be taken to another machine.
        var own = Directory.Exists(EmbeddingModels.English) ? NamedModel.Embeddings : NamedModel.Sentiment;
        var isNamed = arguments.GetValue(_from) is not null;
        var start = arguments.GetValue(_vocabulary) is null ? arguments.GetValue(_from) ?? own : null;
        return new FileRecipe
        {
            Files = argument is null ? arguments.GetValue(_data)! : [argument],
            Output = output,
            Format = arguments.GetValue(_format),
            Separator = arguments.GetValue(_separator),
            HasHeader = !arguments.GetValue(_noHeader),
            Text = arguments.GetValue(_text),
            Pair = arguments.GetValue(_pair),
            Label = arguments.GetValue(_label),
            Choices = arguments.GetValue(_choices) ?? [],
            Negative = arguments.GetValue(_negative),
            ScoreRange = Scores(arguments.GetValue(_scores)),
            Labels = LabelValues.Parse(arguments.GetValue(_labels), needsNames: false) is { Count: > 0 } labels ? labels : null,
            Task = arguments.GetValue(_task) is { } name ? Tasks.Single(task => task.Name == name) : null,
            From = start is null ? null : folderOf(start),
            FromName = start is not null && NamedModel.Is(start) ? start : null,
            FromOfSameLabels = start is null || isNamed ? null : (folderOf(NamedModel.Sentiment), NamedModel.Sentiment),
            Vocabulary = arguments.GetValue(_vocabulary),
            LowerCase = !arguments.GetValue(_cased),
            Epochs = arguments.GetValue(_epochs),
            Minutes = arguments.GetValue(_minutes),
            BatchSize = arguments.GetValue(_batchSize) ?? 32,
            LearningRate = arguments.GetValue(_learningRate),
            Warmup = arguments.GetValue(_warmup),
            Dropout = arguments.GetValue(_dropout),
            Patience = arguments.GetValue(_patience),
            Freeze = arguments.GetValue(_freeze),
            AdapterRank = arguments.GetValue(_lora),
            Precision = SharedOptions.TypeOf(arguments.GetValue(_precision)),
            MaxLength = arguments.GetValue(_maxLength),
            HeldOut = arguments.GetValue(_heldOut) ?? 10,
            Evaluation = arguments.GetValue(_evaluation) ?? [],
            Group = arguments.GetValue(_group),
            Seed = arguments.GetValue(_seed) ?? 1,
        };
    }

    /// <summary>The option that a field of the recipe was made of; null where there is none.</summary>
    public Option? OptionOf(string? field, ParseResult arguments) => field?.Split('.')[^1].Split('[')[0] switch
    {
        "output" => _output,
        "data" or "file" => _data,
        "format" => _format,
        "text" => _text,
        "pair" => _pair,
        "label" => _label,
        "choices" => _choices,
        "negative" => _negative,
        "score_range" => _scores,
        "labels" => IsGiven(_labels, arguments) ? _labels : _label,
        "task" => _task,
        "from" => _from,
        "vocabulary" => _vocabulary,
        "epochs" => _epochs,
        "minutes" => _minutes,
        "batch_size" => _batchSize,
        "learning_rate" => _learningRate,
        "warmup" => _warmup,
        "dropout" => _dropout,
        "patience" => _patience,
        "freeze" => _freeze,
        "lora" or "rank" => _lora,
        "precision" => _precision,
        "max_length" => _maxLength,
        "held_out" => _heldOut,
        "evaluation" => _evaluation,
        "group" => _group,
        "seed" => _seed,
        _ => null,
    };

    private static double[]? Scores(string? text)
    {
        if (text is null) return null;
        var parts = text.Split(',');
        var scores = parts.Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var score)
            ? score : double.NaN).ToArray();
        return scores is [var low, var high] && low < high ? scores
            : throw new UsageException($"--scores takes the lowest and the highest score: 0,5, not '{text}'");
    }

    private static bool IsGiven(Option option, ParseResult arguments) => arguments.GetResult(option) is { Implicit: false };
}
