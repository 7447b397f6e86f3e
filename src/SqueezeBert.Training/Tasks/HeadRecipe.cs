using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Training;

/// <summary>A head of a joint stage, with its task, its data and the weight of its loss.</summary>
public sealed record HeadRecipe
{
    /// <summary>
    /// The name of the head in the checkpoint: 1 to 64 letters, digits, '-' and '_'. A task with two heads ("intents-and-slots") uses it as
    /// a prefix: "home-intent" and "home-slots".
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The task: classification of texts or tokens, question answering, or masked language.</summary>
    public required TrainingTask Task { get; init; }

    /// <summary>The data files; at least one.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>The files to evaluate on, instead of a part of <see cref="Data"/>. <see cref="HeldOut"/> must then be 0.</summary>
    public IReadOnlyList<DataSource> Evaluation { get; init; } = [];

    /// <summary>
    /// The inverse of the share that is held out for evaluation (default 10): one text in this many, chosen by <see cref="HashSplit"/>. 0
    /// holds none out.
    /// </summary>
    public int HeldOut { get; init; } = StageRecipe.UsualHeldOut;

    /// <summary>The factor of the loss of this head, above 0 (default 1).</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Like <see cref="StageRecipe.Labels"/>.</summary>
    public IReadOnlyList<(string Value, string Name)>? Labels { get; init; }

    /// <summary>Like <see cref="StageRecipe.ClassWeights"/>.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Like <see cref="StageRecipe.LabelSmoothing"/>.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Like <see cref="StageRecipe.HashedNgrams"/>.</summary>
    public HashedNgrams? HashedNgrams { get; init; }

    /// <summary>Like <see cref="StageRecipe.MaskProbability"/>.</summary>
    public double MaskProbability { get; init; } = StageRecipe.UsualMaskProbability;

    /// <summary>
    /// The largest number of tokens of an example, including special tokens; 3 or more. Null uses the value of the stage.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>Like <see cref="StageRecipe.LongText"/>.</summary>
    public LongText LongText { get; init; }

    /// <summary>Like <see cref="StageRecipe.Stride"/>.</summary>
    public int Stride { get; init; }

    /// <summary>
    /// The folder of a saved classifier with the same labels, from whose logits the head learns beside its data (single-label and
    /// multi-label classification). Null learns from the data alone.
    /// </summary>
    public string? Teacher { get; init; }

    /// <summary>The folders of further classifiers, whose logits are averaged with those of <see cref="Teacher"/>.</summary>
    public IReadOnlyList<string> OtherTeachers { get; init; } = [];

    /// <summary>
    /// Like <see cref="StageRecipe.SoftLabels"/>, for the head's own teachers. Only logits are compared, because the heads share the
    /// layers.
    /// </summary>
    public SoftLabels? SoftLabels { get; init; }

    /// <summary>Like <see cref="StageRecipe.TeacherCache"/>, for the head's own teachers.</summary>
    public string? TeacherCache { get; init; }

    /// <summary>What the head would be as a stage of its own.</summary>
    internal StageRecipe In(StageRecipe stage) => stage with
    {
        Name = Name,
        Task = Task,
        HeadName = Name,
        Heads = [],
        Data = Data,
        Evaluation = Evaluation,
        HeldOut = HeldOut,
        Labels = Labels,
        ClassWeights = ClassWeights,
        LabelSmoothing = LabelSmoothing,
        HashedNgrams = HashedNgrams,
        MaskProbability = MaskProbability,
        MaxLength = MaxLength ?? stage.MaxLength,
        LongText = LongText,
        Stride = Stride,
        Teacher = Teacher,
        OtherTeachers = OtherTeachers,
        SoftLabels = SoftLabels,
        TeacherCache = TeacherCache,
    };
}
