using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Graphs.Heads;

namespace SqueezeBert.Training;

/// <summary>
/// One part of a training: a task, its data and its schedule. It ends at the first of the limits that are given (epochs, steps, tokens,
/// minutes).
/// </summary>
public sealed record StageRecipe
{
    /// <summary>Names the stage in messages, metrics and its folder.</summary>
    public required string Name { get; init; }

    /// <summary>What is learnt.</summary>
    public required TrainingTask Task { get; init; }

    /// <summary>Files; at least one, but none where the stage has <see cref="Heads"/>, whose own they are.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>The heads that learn together, each from data of its own (joint).</summary>
    public IReadOnlyList<HeadRecipe> Heads { get; init; } = [];

    /// <summary>
    /// Label names in the order of their ids, each with the value that stands for it in the data; null takes the values in order of
    /// appearance.
    /// </summary>
    public IReadOnlyList<(string Value, string Name)>? Labels { get; init; }

    /// <summary>Tokens of an example, special ones included.</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>
    /// What happens to longer texts: the rest is left out, or each window is an example with the text's label. Held-out texts are then read
    /// and scored as <see cref="TextClassifier"/> does in windows.
    /// </summary>
    public LongText LongText { get; init; }

    /// <summary>Tokens that a window of training shares with the one before.</summary>
    public int Stride { get; init; }

    /// <summary>Passes over the data; a part of one is allowed.</summary>
    public double? Epochs { get; init; }

    /// <summary>Tokens to train on, special ones included.</summary>
    public long? Tokens { get; init; }

    /// <summary>Optimizer steps.</summary>
    public long? Steps { get; init; }

    /// <summary>Minutes of training. The schedule then follows the clock, and a rerun does not give the same bits.</summary>
    public double? Minutes { get; init; }

    /// <summary>Texts of an optimizer step; null goes by <see cref="BatchTokens"/>.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Tokens of an optimizer step at most; null goes by <see cref="BatchSize"/>.</summary>
    public int? BatchTokens { get; init; }

    /// <summary>
    /// Tokens that go through the model at a time; a step with more accumulates gradients. The mean is over the whole step.
    /// </summary>
    public int MicroBatchTokens { get; init; } = 4096;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Share of the stage in which the learning rate rises from zero.</summary>
    public double Warmup { get; init; } = 0.06;

    /// <summary>Steps of the warm-up, instead of <see cref="Warmup"/>.</summary>
    public long? WarmupSteps { get; init; }

    /// <summary>Share of the stage, at its end, in which <see cref="ScheduleKind.WarmupStableDecay"/> goes down to zero.</summary>
    public double Decay { get; init; } = 0.2;

    /// <summary>What follows the warm-up.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>How gradients become steps.</summary>
    public OptimizerKind Algorithm { get; init; }

    /// <summary>Settings of AdamW, and of LAMB, whose recipes have an epsilon of 1e-6.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>
    /// Factor on the learning rate for each layer that is further from the output, above 0 to 1: with 0.9 the head learns at the full rate,
    /// the last layer at 0.9 of it, the one before at 0.81, and the embeddings at the least. 1: all alike.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Parts of the model that are not trained; null: none.</summary>
    public FrozenParts? Freeze { get; init; }

    /// <summary>Adapters that are trained in the encoder's place, and added to it when the model is saved; null: none.</summary>
    public LowRankAdaptation? Adapters { get; init; }

    /// <summary>
    /// Decay of a running mean of the weights, above 0 to below 1, which is evaluated and saved instead of the last weights; null: none.
    /// </summary>
    public double? WeightAverage { get; init; }

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

    /// <summary>
    /// What takes the place of the second segment where it is to be wrong; null: the two are swapped (sentence order, pretraining).
    /// </summary>
    public WrongSegment? WrongSegment { get; init; }

    /// <summary>
    /// How tokens become a vector: mean, first token or maximum; null: as the start does, the mean of a new model (similarity, retrieval).
    /// </summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>
    /// The lowest and the highest score of the data, which become the cosines 0 and 1; null: scores are cosines, -1 to 1 (similarity).
    /// </summary>
    public (double Lowest, double Highest)? ScoreRange { get; init; }

    /// <summary>What cosines are multiplied by before the softmax over the texts of a batch; null: 20 (retrieval).</summary>
    public double? Scale { get; init; }

    /// <summary>
    /// A folder for the tokens of plain text, which is tokenized once and mapped into memory by this run and later ones; null: the tokens
    /// are in memory (masked language).
    /// </summary>
    public string? TokenCache { get; init; }

    /// <summary>Whether the pieces of a word are predicted all or none (masked language).</summary>
    public bool WholeWords { get; init; }

    /// <summary>What is taken out of the model before the stage trains it, which heals it; null: nothing (one loss on logits).</summary>
    public PruningOptions? Prune { get; init; }

    /// <summary>The folder of the model that a student learns from: an encoder (distillation) or a classifier (single label).</summary>
    public string? Teacher { get; init; }

    /// <summary>Folders of further classifiers, whose logits are averaged with the <see cref="Teacher"/>'s (single label).</summary>
    public IReadOnlyList<string> OtherTeachers { get; init; } = [];

    /// <summary>How a classifier learns from its teachers; null: the defaults (single label with a <see cref="Teacher"/>).</summary>
    public SoftLabels? SoftLabels { get; init; }

    /// <summary>
    /// A folder for what teachers say of each text, computed once, in float16, and used again by later runs on the same texts; null: the
    /// teachers run beside the model. One vector or one row of logits a text is kept, so hidden states cannot be learnt from it.
    /// </summary>
    public string? TeacherCache { get; init; }

    /// <summary>What the student learns of its teacher; null: the defaults (distillation).</summary>
    public DistillationLosses? Losses { get; init; }

    /// <summary>
    /// Pairs of texts with a number that is larger the more alike they are: each evaluation correlates it with the cosines of the student's
    /// vectors. The texts are left out of the training. Null: none (distillation).
    /// </summary>
    public DataSource? Similarity { get; init; }

    /// <summary>Files whose texts must not be trained on, such as development sets (distillation).</summary>
    public IReadOnlyList<DataSource> Exclude { get; init; } = [];

    /// <summary>
    /// Files to evaluate on instead of a part of <see cref="Data"/>; <see cref="HeldOut"/> must be 0 then. Their weights and groups do not
    /// count (labelled texts, masked language).
    /// </summary>
    public IReadOnlyList<DataSource> Evaluation { get; init; } = [];

    /// <summary>
    /// One text in this many, chosen by <see cref="HashSplit"/> of the text or of its group, is held out for evaluation; 0 holds none out.
    /// </summary>
    public int HeldOut { get; init; } = 10;

    /// <summary>Steps between evaluations; 0 evaluates at the end of each epoch and of the stage.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Examples that an evaluation takes at most.</summary>
    public int EvaluationLimit { get; init; } = 2000;

    /// <summary>Evaluations without a better result after which the stage ends; 0 goes on.</summary>
    public int Patience { get; init; }

    /// <summary>Whether the stage ends with the weights of its best evaluation (the task's figure, then loss), not its last.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>
    /// Whether a <see cref="LinearTextClassifier"/> learns the same task beforehand, in seconds, for comparison (classes, with evaluated
    /// texts).
    /// </summary>
    public bool Baseline { get; init; } = true;

    /// <summary>Steps between lines of the metrics file.</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>Steps between checkpoints; 0 goes by <see cref="CheckpointMinutes"/> alone.</summary>
    public int CheckpointSteps { get; init; }

    /// <summary>Minutes between checkpoints; 0 goes by <see cref="CheckpointSteps"/> alone.</summary>
    public double CheckpointMinutes { get; init; } = 10;

    /// <summary>Checkpoints that are kept.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>The folders of all teachers.</summary>
    internal IReadOnlyList<string> AllTeachers => Teacher is null ? [] : [Teacher, .. OtherTeachers];

    /// <summary>The files that are trained on and, from the number of those on, the ones that are evaluated.</summary>
    internal IReadOnlyList<DataSource> Sources => [.. Data, .. Evaluation];

    /// <summary>The name of the head that is trained; null: the one of the checkpoint's class.</summary>
    internal string? HeadName { get; init; }

    /// <summary>Before the names of the head's outputs.</summary>
    internal string OutputPrefix => HeadName is null ? "" : HeadName + ".";

    /// <summary>The head that the task trains.</summary>
    internal ModelHead Head => Task.Head;
}
