using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// How a stage trains a model: what its batches contain, its losses, what runs beside the model, and how it is evaluated. Not thread-safe.
/// </summary>
internal abstract class StageLearning : IDisposable
{
    /// <summary>Puts examples into batches.</summary>
    public abstract ExampleWriter Writer { get; }

    /// <summary>The losses that are minimized.</summary>
    public abstract IReadOnlyList<LossTerm> Terms { get; }

    /// <summary>Whether the model is also evaluated before the first step, because it already knows something.</summary>
    public virtual bool MeasuresStart => false;

    /// <summary>Does time-consuming work before the first batch.</summary>
    /// <param name="tell">Receives messages for the user.</param>
    /// <param name="cancellationToken">Cancels the work. Results that have been computed are kept if possible.</param>
    public virtual void Begin(Action<string> tell, CancellationToken cancellationToken)
    {
    }

    /// <summary>Begins a step.</summary>
    /// <param name="fraction">Share of the stage that is done.</param>
    public virtual void BeginStep(double fraction)
    {
    }

    /// <summary>Computes what the losses compare a batch with besides its labels.</summary>
    public virtual void Prepare(MicroBatch batch)
    {
    }

    /// <summary>The same for a batch of held-out examples, which figures are taken of.</summary>
    public virtual void PrepareEvaluation(MicroBatch batch) => Prepare(batch);

    /// <summary>Counts an evaluation.</summary>
    public abstract HeldOutFigures CreateFigures();

    /// <summary>Frees what ran beside the model.</summary>
    public virtual void Dispose()
    {
    }
}
