namespace SqueezeBert.Inference.Operations;

/// <summary>An operation of a plan: one node of the graph, or several that were fused.</summary>
internal abstract class Operation(PlanValue output, params PlanValue[] inputs)
{
    public PlanValue Output { get; } = output;

    public IReadOnlyList<PlanValue> Inputs { get; } = inputs;

    /// <summary>All that is written: <see cref="Output"/>, and the same rows in other formats.</summary>
    public virtual IEnumerable<PlanValue> Outputs => [Output];

    /// <summary>Values that live only while the operation runs.</summary>
    public virtual IEnumerable<PlanValue> Scratch => [];

    /// <summary>An input whose memory the output may take over where it ends here, or null.</summary>
    public virtual PlanValue? Overwritable => null;
}
