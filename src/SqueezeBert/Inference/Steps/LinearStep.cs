using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference.Steps;

/// <summary>activation(x Wᵀ + b) + residual, in groups.</summary>
internal sealed unsafe class LinearStep(PlanValue output, PlanValue input, PackedLinear weights, Activation activation, PlanValue? residual)
    : RowStep(output, residual is null ? [input] : [input, residual])
{
    public PlanValue Input { get; } = input;

    public PackedLinear Weights { get; } = weights;

    public Activation Activation { get; } = activation;

    public PlanValue? Residual { get; } = residual;

    public override PlanValue? Overwritable => Weights.CanOverwriteResidual ? Residual : null;

    public override int PartCount => Weights.PanelCount;

    public override IEnumerable<PackedMatrix> Matrices => Weights.Groups;

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        for (var group = 0; group < Weights.Groups.Length; group++)
            Multiply(execution, start, count, worker, group, 0, Weights.Groups[group].PanelCount);
    }

    public override void ExecuteParts(Execution execution, int count, int stage, int firstPart, int partCount)
    {
        var panels = Weights.Groups[0].PanelCount;
        for (var part = firstPart; part < firstPart + partCount;)
        {
            var group = part / panels;
            var first = part % panels;
            var end = Math.Min(panels, first + firstPart + partCount - part);
            Multiply(execution, 0, count, 0, group, first, end - first);
            part += end - first;
        }
    }

    private void Multiply(Execution execution, int start, int count, int worker, int group, int firstPanel, int panelCount)
    {
        var column = group * Weights.OutputsPerGroup;
        MatrixMultiply.Packed(
            execution.Pointer(Input, start, worker) + (group * Weights.InputsPerGroup),
            Input.Width,
            Weights.Groups[group],
            firstPanel,
            panelCount,
            execution.Pointer(Output, start, worker) + column,
            Output.Width,
            count,
            Weights.Bias is null ? null : Weights.Bias + column,
            Activation,
            Residual is null ? null : execution.Pointer(Residual, start, worker) + column,
            Residual?.Width ?? 0);
    }
}
