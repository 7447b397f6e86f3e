using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// How a stage learns with one model: what its batches hold, its losses, what runs beside the model, how it is measured. Not thread-safe.
/// </summary>
internal abstract class StageLearning : IDisposable
{
    /// <summary>Puts examples into batches.</summary>
    public abstract ExampleWriter Writer { get; }

    /// <summary>What is made small.</summary>
    public abstract IReadOnlyList<LossTerm> Terms { get; }

    /// <summary>Whether the model is measured before the first step as well: where it knows something already.</summary>
    public virtual bool MeasuresStart => false;

    /// <summary>Does what takes long, before the first batch.</summary>
    /// <param name="tell">Takes sentences for the user.</param>
    /// <param name="cancellationToken">Stops it; what has been computed is kept where that is possible.</param>
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
