namespace SqueezeBert.Inference.Operations;

/// <summary>An operation of a plan: one node of the graph, or several nodes that were fused.</summary>
internal abstract class Operation(PlanValue output, params PlanValue[] inputs)
{
    public PlanValue Output { get; } = output;

    public IReadOnlyList<PlanValue> Inputs { get; } = inputs;

    /// <summary>All values that are written: <see cref="Output"/>, and the same rows in other formats.</summary>
    public virtual IEnumerable<PlanValue> Outputs => [Output];

    /// <summary>The values that exist only while the operation runs.</summary>
    public virtual IEnumerable<PlanValue> Scratch => [];

    /// <summary>An input whose memory the output may reuse if the input is not needed afterwards, or null.</summary>
    public virtual PlanValue? Overwritable => null;
}
