using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Operations;

internal sealed unsafe class NormOperation(PlanValue output, PlanValue input, NormKind kind, float* weight, float* bias, float epsilon)
    : RowOperation(output, input)
{
    public override PlanValue? Overwritable => Inputs[0];

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        var x = execution.Block(Inputs[0], start, count, worker);
        var y = execution.Block(Output, start, count, worker);
        if (kind == NormKind.LayerNorm) LayerNorm.Forward(x, weight, bias, epsilon, y, null, null);
        else NoNorm.Forward(x, weight, bias, y);
    }
}
