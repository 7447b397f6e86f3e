using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// A loss over the rows of an output: a weighted sum, which the caller turns into a mean over all batches of a step. Not thread-safe: an
/// object keeps its working memory from call to call.
/// </summary>
internal abstract class Loss
{
    /// <summary>
    /// What <see cref="Compute"/> adds up as <see cref="LossSum.Weight"/>: known before the output is, so that accumulated batches share
    /// one normaliser.
    /// </summary>
    /// <param name="target">Of the batch; a teacher need not have run.</param>
    /// <param name="rows">Rows of the output.</param>
    /// <param name="width">Channels of a row: classes or regression targets.</param>
    public abstract double Weight(in LossTarget target, int rows, int width);

    /// <summary>Sums the loss; where a gradient is wanted, writes it or adds it, that of Σ weight · loss / normaliser.</summary>
    /// <param name="rows">The output.</param>
    /// <param name="target">What it is compared with.</param>
    /// <param name="pool">Threads; the bits do not depend on their number.</param>
    /// <exception cref="InvalidOperationException">Output and target do not fit.</exception>
    public abstract LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool);
}
