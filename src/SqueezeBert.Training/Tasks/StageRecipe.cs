using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Graphs.Heads;

namespace SqueezeBert.Training;

/// <summary>
/// A stage of a training: a task, its data and its schedule. It ends at the first limit that is reached among <see cref="Epochs"/>,
/// <see cref="Steps"/>, <see cref="Tokens"/> and <see cref="Minutes"/>. At least one of them is required.
/// </summary>
public sealed record StageRecipe
{
    internal const double UsualMaskProbability = 0.15;

    internal const int UsualHeldOut = 10;

    /// <summary>The name of the stage in messages, metrics and the name of its folder: letters, digits, '-' and '_'.</summary>
    public required string Name { get; init; }

    /// <summary>The task to learn.</summary>
    public required TrainingTask Task { get; init; }

    /// <summary>The data files; at least one. A stage with <see cref="Heads"/> has none, because each head has its own.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>The heads that are trained together, each on its own data (joint).</summary>
    public IReadOnlyList<HeadRecipe> Heads { get; init; } = [];

    /// <summary>
    /// The label names in the order of their ids, each with the value that stands for it in the data. Null uses the values of the data in
    /// the order of their appearance.
    /// </summary>
    public IReadOnlyList<(string Value, string Name)>? Labels { get; init; }

    /// <summary>The largest number of tokens of an example, including special tokens; 3 or more (default 128).</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>
    /// What happens to longer texts. They are truncated (the default), or each window becomes an example with the label of the text. With
    /// windows, held-out texts are read and scored as <see cref="TextClassifier"/> does it.
    /// </summary>
    public LongText LongText { get; init; }

    /// <summary>
    /// The number of tokens that a training window shares with the previous one (default 0). It must be smaller than
    /// <see cref="MaxLength"/> without special tokens.
    /// </summary>
    public int Stride { get; init; }

    /// <summary>The number of passes over the data, above 0. It may be a fraction.</summary>
    public double? Epochs { get; init; }

    /// <summary>The number of tokens to train on, including special tokens; 1 or more.</summary>
    public long? Tokens { get; init; }

    /// <summary>The number of optimizer steps, 1 or more.</summary>
    public long? Steps { get; init; }

    /// <summary>
    /// The training time in minutes, above 0. The schedule then follows the clock, and a repeated run does not give the same bits.
    /// </summary>
    public double? Minutes { get; init; }

    /// <summary>
    /// The number of texts of an optimizer step, 1 or more. Null means that <see cref="BatchTokens"/> determines the step, or 32 texts if
    /// that is null too.
    /// </summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// The largest number of tokens of an optimizer step, 1 or more. Null means no limit, so that <see cref="BatchSize"/> determines the
    /// step.
    /// </summary>
    public int? BatchTokens { get; init; }

    /// <summary>
    /// The number of tokens that the model processes at a time, 1 or more (default 4,096). A larger step accumulates gradients, and its
    /// loss is the mean over the whole step.
    /// </summary>
    public int MicroBatchTokens { get; init; } = 4096;

    /// <summary>The peak learning rate, above 0 (default 5e-4).</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>The share of the stage in which the learning rate rises from zero, 0 to 1 (default 0.06).</summary>
    public double Warmup { get; init; } = 0.06;

    /// <summary>The number of warm-up steps, 1 or more. Null uses <see cref="Warmup"/>.</summary>
    public long? WarmupSteps { get; init; }

    /// <summary>
    /// The share of the stage, at its end, in which <see cref="ScheduleKind.WarmupStableDecay"/> decays to zero; above 0 and at most 1
    /// (default 0.2).
    /// </summary>
    public double Decay { get; init; } = 0.2;

    /// <summary>The course of the learning rate after the warm-up (default <see cref="ScheduleKind.Linear"/>).</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>The optimization algorithm (default <see cref="OptimizerKind.AdamW"/>).</summary>
    public OptimizerKind Algorithm { get; init; }

    /// <summary>The settings of AdamW, which LAMB uses too. The default epsilon of LAMB in a recipe file is 1e-6.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>
    /// The factor of the learning rate for each layer further from the output, above 0 and at most 1 (default 1). With 0.9, the head learns
    /// at the full rate, the last layer at 0.9 of it, and the layer before at 0.81. The embeddings have the lowest rate.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>The parts of the model that are not trained. Null trains all parts.</summary>
    public FrozenParts? Freeze { get; init; }

    /// <summary>
    /// The adapters that are trained instead of the encoder's weights and added to them when the model is saved. Null trains the weights.
    /// </summary>
    public LowRankAdaptation? Adapters { get; init; }

    /// <summary>
    /// The decay of a running mean of the weights, above 0 and below 1. The mean is evaluated and saved instead of the last weights. Null
    /// uses the last weights.
    /// </summary>
    public double? WeightAverage { get; init; }

    /// <summary>The largest global norm of the gradients, zero or more (default 1). 0 disables clipping.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>The dropout probability of hidden states and attention, 0 to 0.99. Null uses the values of the configuration.</summary>
    public double? Dropout { get; init; }

    /// <summary>The share of the target that is spread over all classes, 0 to 0.99 (default 0).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// The weight of each label's examples, in the order of the ids; each above 0. Null weighs all examples equally (single label).
    /// </summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>
    /// The character n-grams of words that the head reads beside the hidden states. Null keeps those of the starting model's head, and has
    /// none for a new head (token classification, and the slots of intents and slots).
    /// </summary>
    public HashedNgrams? HashedNgrams { get; init; }

    /// <summary>The share of tokens that are predicted, above 0 and at most 1 (default 0.15; masked language).</summary>
    public double MaskProbability { get; init; } = UsualMaskProbability;

    /// <summary>
    /// What replaces the second segment of a negative example. Null swaps the two segments (sentence order and pretraining).
    /// </summary>
    public WrongSegment? WrongSegment { get; init; }

    /// <summary>
    /// How tokens are combined into a vector: mean, first token or maximum. Null keeps the pooling of the starting model, or uses the mean
    /// for a new model (similarity and retrieval).
    /// </summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>
    /// The lowest and the highest score of the data, which correspond to the cosines 0 and 1. Null means that the scores are cosines from
    /// -1 to 1 (similarity).
    /// </summary>
    public (double Lowest, double Highest)? ScoreRange { get; init; }

    /// <summary>The factor of cosines before the softmax over the texts of a batch, above 0. Null means 20 (retrieval).</summary>
    public double? Scale { get; init; }

    /// <summary>
    /// A folder that caches the tokens of plain text. The text is tokenized once and mapped into memory by this run and later ones. Null
    /// keeps the tokens in memory (masked language).
    /// </summary>
    public string? TokenCache { get; init; }

    /// <summary>Whether all pieces of a word are predicted together (default false; masked language).</summary>
    public bool WholeWords { get; init; }

    /// <summary>
    /// What is removed from the model before the stage trains it. The training recovers the lost quality. Null removes nothing (tasks with
    /// one loss on the logits).
    /// </summary>
    public PruningOptions? Prune { get; init; }

    /// <summary>
    /// The folder of the teacher: an encoder for distillation, or a classifier for single-label and multi-label classification.
    /// </summary>
    public string? Teacher { get; init; }

    /// <summary>
    /// The folders of further classifiers, whose logits are averaged with those of <see cref="Teacher"/> (single-label and multi-label
    /// classification).
    /// </summary>
    public IReadOnlyList<string> OtherTeachers { get; init; } = [];

    /// <summary>
    /// How a classifier learns from its teachers. Null uses the defaults (single-label and multi-label classification with a
    /// <see cref="Teacher"/>).
    /// </summary>
    public SoftLabels? SoftLabels { get; init; }

    /// <summary>
    /// A folder that caches the outputs of the teachers. They are computed once for each text, in float16, and used again by later runs on
    /// the same texts. One vector or one row of logits is stored per text, so a student cannot learn hidden states from it. Null runs the
    /// teachers beside the student.
    /// </summary>
    public string? TeacherCache { get; init; }

    /// <summary>The losses with which a student learns from its teacher. Null uses the defaults (distillation).</summary>
    public DistillationLosses? Losses { get; init; }

    /// <summary>
    /// Pairs of texts with a similarity score. Each evaluation correlates the scores with the cosines of the student's vectors. These texts
    /// are excluded from the training. Null evaluates no pairs (distillation).
    /// </summary>
    public DataSource? Similarity { get; init; }

    /// <summary>Files whose texts are excluded from the training, such as development sets (distillation).</summary>
    public IReadOnlyList<DataSource> Exclude { get; init; } = [];

    /// <summary>
    /// The files to evaluate on, instead of a part of <see cref="Data"/>. <see cref="HeldOut"/> must then be 0. Their weights and groups
    /// are ignored (labelled texts and masked language).
    /// </summary>
    public IReadOnlyList<DataSource> Evaluation { get; init; } = [];

    /// <summary>
    /// The inverse of the share that is held out for evaluation (default 10): one text in this many, chosen by <see cref="HashSplit"/> of
    /// the text or of its group. 0 holds none out.
    /// </summary>
    public int HeldOut { get; init; } = UsualHeldOut;

    /// <summary>The number of steps between evaluations (default 0). 0 evaluates at the end of each epoch and of the stage.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>The largest number of examples of an evaluation, 1 or more (default 2,000).</summary>
    public int EvaluationLimit { get; init; } = 2000;

    /// <summary>The number of evaluations without improvement after which the stage ends (default 0). 0 never ends it early.</summary>
    public int Patience { get; init; }

    /// <summary>
    /// Whether the stage ends with the weights of its best evaluation (default true), or with its last weights. Evaluations are compared by
    /// the figure of the task, then by the loss.
    /// </summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>
    /// Whether a <see cref="LinearTextClassifier"/> is trained on the same task first, for comparison (default true). It takes seconds
    /// (classification with evaluated texts).
    /// </summary>
    public bool Baseline { get; init; } = true;

    /// <summary>The number of steps between lines of the metrics file, 1 or more (default 10).</summary>
    public int LogEvery { get; init; } = 10;

    /// <summary>The number of steps between checkpoints (default 0). 0 means that only <see cref="CheckpointMinutes"/> counts.</summary>
    public int CheckpointSteps { get; init; }

    /// <summary>The number of minutes between checkpoints (default 10). 0 means that only <see cref="CheckpointSteps"/> counts.</summary>
    public double CheckpointMinutes { get; init; } = 10;

    /// <summary>The number of checkpoints that are kept, 1 or more (default 2).</summary>
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
