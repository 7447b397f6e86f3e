using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training;

/// <summary>
/// What a stage learns: how its examples are read and batched, its head, its loss and its figures. A new one is a file beside this and a
/// property of <see cref="TrainingTasks"/>. Immutable; there is one object of each.
/// </summary>
public abstract class TrainingTask
{
    private protected TrainingTask(string name) => Name = name;

    /// <summary>What a recipe calls it.</summary>
    public string Name { get; }

    /// <summary>What the label column of its tables holds.</summary>
    internal abstract LabelKind Labels { get; }

    /// <summary>The head that it trains.</summary>
    internal abstract ModelHead Head { get; }

    /// <summary>Whether its loss takes <see cref="StageRecipe.LabelSmoothing"/>.</summary>
    internal virtual bool HasLabelSmoothing => false;

    /// <summary>Whether its loss takes <see cref="StageRecipe.ClassWeights"/>.</summary>
    internal virtual bool HasClassWeights => false;

    /// <inheritdoc/>
    public sealed override string ToString() => Name;

    /// <summary>Complains about fields of a recipe that it has no use for, or that contradict each other.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="error">Makes the exception of a field and a reason.</param>
    internal virtual void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.LabelSmoothing > 0 && !HasLabelSmoothing) throw error("label_smoothing", "is for one label of several; leave it out");
        if (stage.ClassWeights is null) return;
        if (!HasClassWeights) throw error("class_weights", "is for single-label; leave it out");
        if (stage.ClassWeights.Any(weight => weight is not (> 0 and <= 1e6)))
            throw error("class_weights", "must be numbers above 0 to 1000000");
        if (stage.Labels is not null && stage.ClassWeights.Count != stage.Labels.Count)
            throw error("class_weights", $"must have {stage.Labels.Count} numbers, one a label");
    }

    /// <summary>Reads the files of a stage.</summary>
    /// <exception cref="RecipeException">The recipe asks for something that the data or the tokenizer do not have.</exception>
    internal abstract StageData Read(StageInput input, CancellationToken cancellationToken);

    /// <summary>The configuration of the model that is trained, from that of the start.</summary>
    internal abstract ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels);

    /// <summary>What is made small.</summary>
    internal abstract Loss CreateLoss(StageRecipe stage);

    /// <summary>Puts examples into batches.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="outputs">Width of the logits.</param>
    internal abstract ExampleWriter CreateWriter(StageInput input, int outputs);

    /// <summary>Counts an evaluation.</summary>
    internal abstract HeldOutFigures CreateFigures(StageRecipe stage, ExampleSet examples, Loss loss, int outputs, WorkerPool pool);

    /// <summary>What the best evaluation has most of; of equal ones, the lower loss is better.</summary>
    internal virtual double Score(EvaluationSummary evaluation) => -evaluation.Loss;
}
