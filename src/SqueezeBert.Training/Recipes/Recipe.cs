using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Models;

namespace SqueezeBert.Training;

/// <summary>
/// What to train, on what and how: one small JSON file (docs/training.md describes every field), or made in code. Stages run in order, each starting
/// from the weights of the one before.
/// </summary>
public sealed record Recipe
{
    /// <summary>The file it came from, for messages.</summary>
    public string File { get; init; } = "recipe";

    /// <summary>Folder that relative data files refer to.</summary>
    public string DataRoot { get; init; } = ".";

    /// <summary>Folder that the model is saved in; checkpoints and metrics go there too.</summary>
    public required string Output { get; init; }

    /// <summary>Folder of a saved model whose weights, configuration and vocabulary the first stage starts from; null: a new model.</summary>
    public string? From { get; init; }

    /// <summary>vocab.txt of a new model; null takes the one of <see cref="From"/>.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>Whether the tokenizer of a new model lower-cases and strips accents.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Fields of config.json for a new model (hidden_size, num_hidden_layers, …); the others have the reference's defaults. vocab_size is the vocabulary's.</summary>
    public JsonObject? Model { get; init; }

    /// <summary>Type of the saved weights: float32, float16 or bfloat16.</summary>
    public TensorType Precision { get; init; } = TensorType.Float32;

    /// <summary>Everything random follows from it: first weights, order, masks, dropout.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads, or 0 for one a core. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<StageRecipe> Stages { get; init; }

    /// <summary>What a resumed run must have in common with the interrupted one.</summary>
    internal string Fingerprint { get; init; } = "";

    /// <summary>Reads a recipe. Comments and trailing commas are allowed, unknown fields are not.</summary>
    /// <param name="path">The JSON file. A relative "vocabulary" or "from" refers to its folder, a relative "output" to the current one.</param>
    /// <param name="dataRoot">Folder that relative data files refer to; null takes "data_root" of the recipe or the recipe's folder.</param>
    /// <exception cref="RecipeException">The file cannot be read or breaks the schema; the message names the field and the remedy.</exception>
    public static Recipe Load(string path, string? dataRoot = null) => RecipeReader.Read(path, dataRoot);
}

/// <summary>What a stage learns.</summary>
public enum TrainingTask
{
    /// <summary>Words behind masks, from plain text (BERT's first task).</summary>
    MaskedLanguage,

    /// <summary>One label a text.</summary>
    SingleLabel,

    /// <summary>Any number of labels a text, separated by commas, semicolons or white space in the column, or a JSON array.</summary>
    MultiLabel,

    /// <summary>A number a text.</summary>
    Regression,
}

/// <summary>What happens to texts that are longer than the stage's <see cref="StageRecipe.MaxLength"/>.</summary>
public enum LongTexts
{
    /// <summary>The rest is left out.</summary>
    Truncate,

    /// <summary>Each window is an example with the text's label; evaluation takes the mean of the windows' logits.</summary>
    Windows,
}

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Down to zero in a straight line.</summary>
    Linear,

    /// <summary>Down to zero along half a cosine.</summary>
    Cosine,

    /// <summary>Stays.</summary>
    Constant,
}

/// <summary>A file of examples.</summary>
public sealed record DataSource
{
    /// <summary>TSV, CSV or JSONL with named columns, maybe gzipped; plain text (a paragraph a line, blank lines between documents) for masked language.</summary>
    public required string File { get; init; }

    /// <summary>How the rows are written; null: as the file's extension says.</summary>
    public TableFormat? Format { get; init; }

    /// <summary>Whether the first row names the columns; without it they are called "0", "1", ….</summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>Column of the text.</summary>
    public string Text { get; init; } = "text";

    /// <summary>Column of a second text, or null.</summary>
    public string? Pair { get; init; }

    /// <summary>Column of the label.</summary>
    public string Label { get; init; } = "label";

    /// <summary>How often an example takes part in an epoch: 2 is twice, 0.5 every second one, others each epoch.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Rows to read at most; null reads all.</summary>
    public int? Limit { get; init; }

    internal TableOptions TableOptions => new() { Format = Format, HasHeader = HasHeader };
}

/// <summary>One part of a training: a task, its data and its schedule. It ends at the first of the limits that are given (epochs, steps, minutes).</summary>
public sealed record StageRecipe
{
    /// <summary>Names the stage in messages, metrics and its folder.</summary>
    public required string Name { get; init; }

    /// <summary>What is learnt.</summary>
    public required TrainingTask Task { get; init; }

    /// <summary>Files; at least one.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>Label names in the order of their ids, each with the value that stands for it in the data; null takes the values in order of appearance.</summary>
    public IReadOnlyList<(string Value, string Name)>? Labels { get; init; }

    /// <summary>Tokens of an example, special ones included.</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>What happens to longer texts.</summary>
    public LongTexts LongTexts { get; init; }

    /// <summary>Tokens that a window shares with the one before.</summary>
    public int Stride { get; init; }

    /// <summary>Passes over the data; a part of one is allowed.</summary>
    public double? Epochs { get; init; }

    /// <summary>Optimizer steps.</summary>
    public long? Steps { get; init; }

    /// <summary>Minutes of training. The schedule then follows the clock, and a rerun does not give the same bits.</summary>
    public double? Minutes { get; init; }

    /// <summary>Texts of an optimizer step; null goes by <see cref="BatchTokens"/>.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Tokens of an optimizer step at most; null goes by <see cref="BatchSize"/>.</summary>
    public int? BatchTokens { get; init; }

    /// <summary>Tokens that go through the model at a time; a step with more accumulates gradients. The mean is over the whole step.</summary>
    public int MicroBatchTokens { get; init; } = 4096;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Share of the stage in which the learning rate rises from zero.</summary>
    public double Warmup { get; init; } = 0.06;

    /// <summary>What follows the warm-up.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>AdamW's settings.</summary>
    public Optimization.AdamWOptions Optimizer { get; init; } = new();

    /// <summary>Largest global norm of the gradients; 0 does not clip.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>Dropout of hidden states and attention; null takes the configuration's.</summary>
    public double? Dropout { get; init; }

    /// <summary>Share of the target that is spread over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Weight of each label's examples, in the order of ids.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Share of tokens to predict (masked language).</summary>
    public double MaskProbability { get; init; } = 0.15;

    /// <summary>One text in this many, chosen by <see cref="HashSplit"/>, is held out for evaluation; 0 holds none out.</summary>
    public int HeldOut { get; init; } = 10;

    /// <summary>Steps between evaluations; 0 evaluates at the end of each epoch and of the stage.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Examples that an evaluation takes at most.</summary>
    public int EvaluationLimit { get; init; } = 2000;

    /// <summary>Evaluations without a better result after which the stage ends; 0 goes on.</summary>
    public int Patience { get; init; }

    /// <summary>Whether the stage ends with the weights of its best evaluation (accuracy, then loss) instead of its last.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Steps between lines of the metrics file.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Steps between checkpoints; 0 goes by <see cref="CheckpointMinutes"/> alone.</summary>
    public int CheckpointSteps { get; init; }

    /// <summary>Minutes between checkpoints; 0 goes by <see cref="CheckpointSteps"/> alone.</summary>
    public double CheckpointMinutes { get; init; } = 10;

    /// <summary>Checkpoints that are kept.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>The head that the task trains.</summary>
    internal ModelHead Head => Task == TrainingTask.MaskedLanguage ? ModelHead.MaskedLanguageModel : ModelHead.SequenceClassification;
}
