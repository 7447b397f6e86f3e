namespace SqueezeBert.Inference.Operations;

/// <summary>An operation on whole texts.</summary>
internal abstract class SequenceOperation(PlanValue output, params PlanValue[] inputs) : Operation(output, inputs)
{
    /// <summary>Independent parts of the current batch.</summary>
    public abstract int Parts(Execution execution);

    public abstract void Execute(Execution execution, int part, int worker);

    /// <summary>
    /// About how many multiply-adds the current batch takes, or as many numbers moved: what decides whether more than one thread pays.
    /// </summary>
    public abstract long Work(Execution execution);

    /// <summary>Scratch floats that one worker needs for the current batch.</summary>
    public virtual long ScratchSize(Execution execution) => 0;
}
