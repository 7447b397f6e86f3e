using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Operations;

internal sealed unsafe class AddOperation(PlanValue output, PlanValue left, PlanValue right) : RowOperation(output, left, right)
{
    public override PlanValue? Overwritable => Inputs[0];

    public override void Execute(Execution execution, int start, int count, int worker) => Elementwise.Add(
        execution.Pointer(Inputs[0], start, worker),
        execution.Pointer(Inputs[1], start, worker),
        execution.Pointer(Output, start, worker),
        (nint)count * Output.Width);
}
