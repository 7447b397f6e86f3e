using SqueezeBert.Gradients.Losses;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>Counts the batches of an evaluation. Not thread-safe.</summary>
internal abstract class HeldOutFigures
{
    /// <summary>Adds a batch.</summary>
    /// <param name="batch">What the model saw.</param>
    /// <param name="examples">The numbers of the batch's examples in their set.</param>
    /// <param name="logits">[rows, outputs].</param>
    public abstract void Add(MicroBatch batch, ReadOnlySpan<int> examples, in LossRows logits);

    /// <summary>What all batches came to.</summary>
    public abstract EvaluationSummary Summary();
}
