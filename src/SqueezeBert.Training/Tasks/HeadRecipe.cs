using SqueezeBert.Evaluation;

namespace SqueezeBert.Training;

/// <summary>A head of a joint stage: its task, its data and what part it has in the whole.</summary>
public sealed record HeadRecipe
{
    /// <summary>
    /// The head's name in the checkpoint: letters, digits, '-' and '_'. A task with two heads ("intents-and-slots") puts it before their
    /// names: "home-intent", "home-slots".
    /// </summary>
    public required string Name { get; init; }

    /// <summary>What is learnt: of a text, of tokens, spans of answers, or words behind masks.</summary>
    public required TrainingTask Task { get; init; }

    /// <summary>Files; at least one.</summary>
    public required IReadOnlyList<DataSource> Data { get; init; }

    /// <summary>Files to evaluate on instead of a part of <see cref="Data"/>; <see cref="HeldOut"/> must be 0 then.</summary>
    public IReadOnlyList<DataSource> Evaluation { get; init; } = [];

    /// <summary>One text in this many, chosen by <see cref="HashSplit"/>, is held out for evaluation; 0 holds none out.</summary>
    public int HeldOut { get; init; } = 10;

    /// <summary>What the head's loss is multiplied by.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>As <see cref="StageRecipe.Labels"/>.</summary>
    public IReadOnlyList<(string Value, string Name)>? Labels { get; init; }

    /// <summary>As <see cref="StageRecipe.ClassWeights"/>.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>As <see cref="StageRecipe.LabelSmoothing"/>.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>As <see cref="StageRecipe.MaskProbability"/>.</summary>
    public double MaskProbability { get; init; } = 0.15;

    /// <summary>Tokens of an example, special ones included; null: as many as the stage's.</summary>
    public int? MaxLength { get; init; }

    /// <summary>As <see cref="StageRecipe.LongText"/>.</summary>
    public LongText LongText { get; init; }

    /// <summary>As <see cref="StageRecipe.Stride"/>.</summary>
    public int Stride { get; init; }

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
        MaskProbability = MaskProbability,
        MaxLength = MaxLength ?? stage.MaxLength,
        LongText = LongText,
        Stride = Stride,
    };
}
