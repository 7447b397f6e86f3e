using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// A loss over the rows of an output. It is a weighted sum, which the caller turns into a mean over all batches of a step. Not thread-safe,
/// because an object keeps its working memory between calls.
/// </summary>
internal abstract class Loss
{
    /// <summary>
    /// Returns the weight that <see cref="Compute"/> adds up as <see cref="LossSum.Weight"/>. It is known before the output is computed, so
    /// that accumulated batches share one normaliser.
    /// </summary>
    /// <param name="target">The target of the batch. A teacher need not have run.</param>
    /// <param name="rows">The number of rows of the output.</param>
    /// <param name="width">The number of channels of a row: classes or regression targets.</param>
    public abstract double Weight(in LossTarget target, int rows, int width);

    /// <summary>Sums the loss. If a gradient is requested, it writes or adds the gradient of Σ weight · loss / normaliser.</summary>
    /// <param name="rows">The output.</param>
    /// <param name="target">The target that the output is compared with.</param>
    /// <param name="pool">The thread pool. The bits do not depend on the number of threads.</param>
    /// <exception cref="InvalidOperationException">The output does not fit the target.</exception>
    public abstract LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool);
}
