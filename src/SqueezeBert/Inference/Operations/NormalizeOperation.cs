using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Operations;

internal sealed unsafe class NormalizeOperation(PlanValue output, PlanValue input) : RowOperation(output, input)
{
    public override PlanValue? Overwritable => Inputs[0];

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        var x = execution.Block(Inputs[0], start, count, worker);
        var y = execution.Block(Output, start, count, worker);
        for (var row = 0; row < count; row++) UnitLength.Forward(x.Row(row), y.Row(row), x.Columns);
    }
}
