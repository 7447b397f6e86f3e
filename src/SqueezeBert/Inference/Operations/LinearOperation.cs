using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference.Operations;

/// <summary>activation(x Wᵀ + b) + residual, in groups. x has the format that the weights require.</summary>
internal sealed unsafe class LinearOperation(
    PlanValue output, PlanValue input, PackedLinear weights, Activation activation, PlanValue? residual)
    : RowOperation(output, residual is null ? [input] : [input, residual])
{
    public PlanValue Input { get; } = input;

    public PackedLinear Weights { get; } = weights;

    public Activation Activation { get; } = activation;

    public PlanValue? Residual { get; } = residual;

    public override PlanValue? Overwritable => Weights.CanOverwriteResidual ? Residual : null;

    public override int PartCount => Weights.PanelCount;

    public override IEnumerable<PackedProduct> Products => Weights.Groups;

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
        Weights.Groups[group].Multiply(
            Weights.InputOf(group, execution.Rows(Input, start, count, worker)),
            firstPanel,
            panelCount,
            Weights.OutputOf(group, execution.Block(Output, start, count, worker)),
            new Epilogue
            {
                Bias = Weights.BiasOf(group),
                Activation = Activation,
                Residual = Residual is null ? default : Weights.OutputOf(group, execution.Block(Residual, start, count, worker)),
            });
    }
}
