using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference.Steps;

/// <summary>An operation of a plan: one node of the graph, or several that were fused.</summary>
internal abstract class Step(PlanValue output, params PlanValue[] inputs)
{
    public PlanValue Output { get; } = output;

    public IReadOnlyList<PlanValue> Inputs { get; } = inputs;

    /// <summary>An input whose memory the output may take over where it ends here, or null.</summary>
    public virtual PlanValue? Overwritable => null;
}

/// <summary>An operation on rows alone: any block of rows can be carried through it on its own.</summary>
internal abstract class RowStep(PlanValue output, params PlanValue[] inputs) : Step(output, inputs)
{
    /// <summary>
    /// Parts that threads can share where rows are too few to go round; each part's outputs are the same bits however it is cut.
    /// </summary>
    public virtual int PartCount => 1;

    /// <summary>Stages that must end before the next begins when parts are shared.</summary>
    public virtual int StageCount => 1;

    /// <summary>The weights in the order in which they are read.</summary>
    public virtual IEnumerable<PackedMatrix> Matrices => [];

    /// <summary>Elements of all <see cref="Matrices"/>: the multiply-adds of a row.</summary>
    public long WeightCount => Matrices.Sum(matrix => (long)matrix.Rows * matrix.Columns);

    /// <summary>Rows [start, start + count) as a whole.</summary>
    public abstract void Execute(Execution execution, int start, int count, int worker);

    /// <summary>Parts [firstPart, firstPart + partCount) of one stage, for rows [0, count).</summary>
    public virtual void ExecuteParts(Execution execution, int count, int stage, int firstPart, int partCount) =>
        Execute(execution, 0, count, 0);
}

/// <summary>An operation on whole texts.</summary>
internal abstract class SequenceStep(PlanValue output, params PlanValue[] inputs) : Step(output, inputs)
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
