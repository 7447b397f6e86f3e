using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>Counts the batches of an evaluation. Not thread-safe.</summary>
internal abstract class HeldOutFigures
{
    /// <summary>Adds the batch that the model has just been run on.</summary>
    /// <param name="batch">What the model saw.</param>
    /// <param name="examples">The numbers of the batch's examples in their set.</param>
    public abstract void Add(MicroBatch batch, ReadOnlySpan<int> examples);

    /// <summary>What all batches came to.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public abstract EvaluationSummary Summary(CancellationToken cancellationToken);
}
