namespace SqueezeBert.Inference.Operations;

/// <summary>An operation on whole texts.</summary>
internal abstract class SequenceOperation(PlanValue output, params PlanValue[] inputs) : Operation(output, inputs)
{
    /// <summary>Returns the number of independent parts of the current batch.</summary>
    public abstract int Parts(Execution execution);

    public abstract void Execute(Execution execution, int part, int worker);

    /// <summary>
    /// Returns the approximate number of multiply-adds, or of moved numbers, for the current batch. It decides whether more than one thread
    /// is worthwhile.
    /// </summary>
    public abstract long Work(Execution execution);

    /// <summary>Returns the number of scratch floats that one worker needs for the current batch.</summary>
    public virtual long ScratchSize(Execution execution) => 0;
}
