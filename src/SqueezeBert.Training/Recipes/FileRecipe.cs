using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders.Tensors;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Recipes;

/// <summary>
/// A recipe for a user's own labelled files: one stage with defaults that suit small models on a CPU. It is written beside the model as
/// recipe.json, so that the run can be resumed, repeated and changed like any other. docs/training.md explains the defaults.
/// </summary>
internal sealed record FileRecipe
{
    public const string FileName = "recipe.json";

    private const string MetricsName = "metrics.jsonl";

    // Shorter texts cost nothing: batches have no padding.
    private const int DefaultMaxLength = 256;

    // On fewer texts the best of several evaluations is mostly the luckiest.
    private const int MinToChooseOn = 200;

    private bool _isWritten;

    /// <summary>Tables with the same columns; at least one.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Tables with the same columns to evaluate on; none: a part of <see cref="Files"/> is held out.</summary>
    public IReadOnlyList<string> Evaluation { get; init; } = [];

    /// <summary>Column whose value says which rows belong together; null: the text.</summary>
    public string? Group { get; init; }

    public required string Output { get; init; }

    public TableFormat? Format { get; init; }

    /// <summary>The separator of the fields of a CSV file. Null means a comma.</summary>
    public char? Separator { get; init; }

    public bool HasHeader { get; init; } = true;

    /// <summary>The column of the text. Null uses that of the task.</summary>
    public string? Text { get; init; }

    public string? Pair { get; init; }

    /// <summary>The column of the label. Null uses that of the task.</summary>
    public string? Label { get; init; }

    /// <summary>Columns of choices; none: as the task finds them.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Column of wrong texts, or null.</summary>
    public string? Negative { get; init; }

    /// <summary>Lowest and highest score of the data, or null.</summary>
    public IReadOnlyList<double>? ScoreRange { get; init; }

    /// <summary>What to learn; null: fractions are a regression, everything else is single-label.</summary>
    public TrainingTask? Task { get; init; }

    /// <summary>A model's folder to start from; null: a new model with <see cref="Vocabulary"/>.</summary>
    public string? From { get; init; }

    /// <summary>What the recipe calls the start: a name that means the same on every machine; null: its folder.</summary>
    public string? FromName { get; init; }

    /// <summary>
    /// The folder and the name of a classifier to start from instead if all labels of the data are labels of its own, because its head
    /// knows them already; null: none.
    /// </summary>
    public (string Folder, string Name)? FromOfSameLabels { get; init; }

    /// <summary>Values in the data and names of the labels in the order of their ids; null: as the start or the data have them.</summary>
    public IReadOnlyList<(string Value, string Name)>? Labels { get; init; }

    /// <summary>Type of the saved weights; null: that of the start.</summary>
    public TensorType? Precision { get; init; }

    public double? Warmup { get; init; }

    public double? Dropout { get; init; }

    public int? Patience { get; init; }

    /// <summary>What is not trained, as the recipe's field has it; null: nothing.</summary>
    public string? Freeze { get; init; }

    /// <summary>Rank of adapters that are trained in the encoder's place; null: none.</summary>
    public int? AdapterRank { get; init; }

    public string? Vocabulary { get; init; }

    public bool LowerCase { get; init; } = true;

    public double? Epochs { get; init; }

    public double? Minutes { get; init; }

    public int BatchSize { get; init; } = 32;

    public double? LearningRate { get; init; }

    public int? MaxLength { get; init; }

    public int HeldOut { get; init; } = 10;

    public long Seed { get; init; } = 1;

    /// <summary>
    /// Reads the label column, chooses the task and the settings, writes <see cref="FileName"/> to the output folder, and returns its path.
    /// A file that is there already is left as it is, and must be the same.
    /// </summary>
    /// <exception cref="RecipeException">
    /// The output folder has a model, an unfinished run or another recipe, or a number is out of range.
    /// </exception>
    /// <exception cref="DataFormatException">A file has a bad row, or the column does not suit the task.</exception>
    /// <exception cref="InvalidModelFileException">The model to start from cannot be read.</exception>
    public string Write(CancellationToken cancellationToken = default)
    {
        var path = Path.Combine(Output, FileName);
        using var held = new OutputLock(Output, path);
        new OutputFolder(Output).Check(path, resume: false);
        using var json = new MemoryStream();
        StrictJson.Write(json, Make(cancellationToken));
        var bytes = json.ToArray();
        _ = RecipeReader.Parse(path, bytes, null);
        if (IsThere(path, bytes)) return path;
        AtomicFile.Write(path, stream => stream.Write(bytes));
        _isWritten = true;
        return path;
    }

    // Users edit this file: what differs may be work of theirs.
    private bool IsThere(string path, byte[] bytes)
    {
        if (!File.Exists(path)) return false;
        if (File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes)) return true;
        throw new RecipeException(path, "output",
            $"'{Output}' has a {FileName} of other settings; go on with that file (squeezebert train {path}), or name another folder");
    }

    /// <summary>
    /// Deletes the recipe that <see cref="Write"/> has written for a run that failed before it produced anything (a checkpoint, a model or
    /// a line of metrics), and the folders that were created for it. The same command can then be repeated.
    /// </summary>
    public void Discard(MadeFolders made)
    {
        string[] kept = [ModelConfiguration.FileName, MetricsName, "checkpoints"];
        if (kept.Select(name => Path.Combine(Output, name)).Any(path => File.Exists(path) || Directory.Exists(path))) return;
        if (_isWritten) File.Delete(Path.Combine(Output, FileName));
        made.DeleteEmpty();
    }

    private JsonObject Make(CancellationToken cancellationToken)
    {
        var column = Survey(cancellationToken);
        if (column.Rows == 0) throw new DataFormatException(Files[0], null, "there is no row to train on");
        var task = Task ?? (column.IsFractional ? TrainingTasks.Regression : TrainingTasks.SingleLabel);
        var (start, name) = Start(task, column);
        var from = start is null ? null : ConfigurationOf(start);
        var length = MaxLength ?? Math.Min(task.UsualLength, from?.MaxPositionEmbeddings ?? task.UsualLength);
        var recipe = new JsonObject
        {
            ["description"] = "made by squeezebert train --data",
            ["output"] = Output,
            ["data_root"] = FromOutput("."),
        };
        if (start is not null)
        {
            recipe["from"] = name ?? FromOutput(start);
        }
        else
        {
            recipe["vocabulary"] = FromOutput(Vocabulary!);
            recipe["lower_case"] = LowerCase;
            recipe["model"] = NewModel(length);
        }

        if (Precision is { } precision) recipe["precision"] = TensorTypes.ConfigurationName(precision);
        recipe["seed"] = Seed;
        recipe["stages"] = new JsonArray(Stage(task, column, from, length, CountEvaluated(column, cancellationToken)));
        return recipe;
    }

    private (string? Folder, string? Name) Start(TrainingTask task, LabelColumn column)
    {
        if (FromOfSameLabels is not { } other || task.Labels != LabelKind.Name) return (From, FromName);
        var labels = Labels?.Select(label => label.Name) ?? column.Classes(Files[0], Column);
        return labels.All(ConfigurationOf(other.Folder).Labels.Contains) ? other : (From, FromName);
    }

    private long CountEvaluated(LabelColumn column, CancellationToken cancellationToken)
    {
        if (Evaluation.Count == 0) return HeldOut > 0 ? column.Rows / HeldOut : 0;
        return IsTable ? Survey(Evaluation, cancellationToken).Rows : Count(Evaluation, cancellationToken);
    }

    // What has one label per row is looked through for its labels, everything else only counted.
    private LabelColumn Survey(CancellationToken cancellationToken) => IsTable ? Survey(Files, cancellationToken)
        : new LabelColumn(Count(Files, cancellationToken), [], IsFractional: false);

    private LabelColumn Survey(IReadOnlyList<string> files, CancellationToken cancellationToken) =>
        LabelColumn.Read(files, Table, TextColumn, Pair, Column, Task?.Labels == LabelKind.Names, cancellationToken);

    private long Count(IReadOnlyList<string> files, CancellationToken cancellationToken) => files.Sum(file =>
    {
        var source = new DataSource
        {
            File = file,
            Format = Format,
            Separator = Separator ?? ',',
            HasHeader = HasHeader,
            Text = TextColumn,
            Label = Column,
        };
        return Task!.Count(file, source, cancellationToken);
    });

    private bool IsTable => (Task ?? TrainingTasks.SingleLabel).Labels != LabelKind.None;

    private string TextColumn => Text ?? Task?.TextColumn ?? "text";

    private string Column => Label ?? Task?.LabelColumn ?? "label";

    private TableOptions Table => new() { Format = Format, Separator = Separator ?? ',', HasHeader = HasHeader };

    private JsonObject Stage(TrainingTask task, LabelColumn column, ModelConfiguration? from, int length, long evaluated)
    {
        var stage = new JsonObject
        {
            ["name"] = task.Labels == LabelKind.None ? task.Name : "labels",
            ["task"] = task.Name,
            ["data"] = new JsonArray([.. Files.Select(file => Source(file, Group))]),
        };
        if (Labels is not null)
            stage["labels"] = new JsonObject(
                Labels.Select(label => KeyValuePair.Create(label.Value, (JsonNode?)JsonValue.Create(label.Name))));
        else if (task.Labels is LabelKind.Name or LabelKind.Names) stage["labels"] = new JsonArray(
            [.. LabelsOf(column.Classes(Files[0], Column), from).Select(label => JsonValue.Create(label))]);
        var defaults = from is null ? StartDefaults.Fresh : StartDefaults.For(from);
        stage["max_length"] = length;
        if (Epochs is not null || Minutes is null)
            stage["epochs"] = Epochs ?? defaults.Epochs(column.Rows);
        if (Minutes is not null) stage["minutes"] = Minutes;
        stage["batch_size"] = BatchSize;
        stage["learning_rate"] = LearningRate ?? defaults.LearningRate;
        if (Warmup is not null) stage["warmup"] = Warmup;
        if (Dropout is not null) stage["dropout"] = Dropout;
        if (Patience is not null) stage["patience"] = Patience;
        if (ScoreRange is not null) stage["score_range"] = new JsonArray([.. ScoreRange.Select(score => JsonValue.Create(score))]);
        if (Freeze is not null) stage["freeze"] = int.TryParse(Freeze, CultureInfo.InvariantCulture, out var layers) ? layers : Freeze;
        if (AdapterRank is not null) stage["lora"] = new JsonObject { ["rank"] = AdapterRank };
        if (Evaluation.Count > 0) stage["evaluation"] = new JsonArray([.. Evaluation.Select(file => Source(file, group: null))]);
        else stage["held_out"] = HeldOut;
        if (evaluated is > 0 and < MinToChooseOn) stage["keep_best"] = false;
        return stage;
    }

    private JsonObject Source(string file, string? group)
    {
        var source = new JsonObject { ["file"] = file };
        if (Format is { } format) source["format"] = TableFormats.Names[(int)format];
        if (Separator is { } separator) source["separator"] = separator.ToString();
        if (!HasHeader) source["header"] = false;
        if (IsTable || Text is not null) source["text"] = TextColumn;
        if (Pair is not null) source["pair"] = Pair;
        if (Choices.Count > 0) source["choices"] = new JsonArray([.. Choices.Select(choice => JsonValue.Create(choice))]);
        if (Negative is not null) source["negative"] = Negative;
        if (IsTable || Label is not null) source["label"] = Column;
        if (group is not null) source["group"] = group;
        return source;
    }

    // Labels that the model knows keep its ids, and with them what its head has learnt.
    private static IReadOnlyList<string> LabelsOf(IReadOnlyList<string> found, ModelConfiguration? from) =>
        from is not null && ClassifierHead.Of(from) == ModelHead.SequenceClassification && found.All(from.Labels.Contains)
            ? from.Labels : found;

    private static ModelConfiguration ConfigurationOf(string folder)
    {
        using var model = ModelFolder.Open(folder);
        return model.Configuration;
    }

    private static JsonObject NewModel(int length) => new()
    {
        ["hidden_size"] = 256,
        ["embedding_size"] = 256,
        ["num_hidden_layers"] = 4,
        ["num_attention_heads"] = 4,
        ["intermediate_size"] = 1024,
        ["max_position_embeddings"] = Math.Max(DefaultMaxLength, length),
    };

    // The recipe's folder is the output: paths that were given relative to the current folder stay relative.
    private string FromOutput(string path) =>
        Path.IsPathRooted(path) || Path.IsPathRooted(Output) ? Path.GetFullPath(path) : Path.GetRelativePath(Output, path);
}
