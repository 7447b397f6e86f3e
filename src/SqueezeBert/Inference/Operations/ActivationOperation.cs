using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Operations;

internal sealed unsafe class ActivationOperation(PlanValue output, PlanValue input, Activation activation) : RowOperation(output, input)
{
    public override PlanValue? Overwritable => Inputs[0];

    public override void Execute(Execution execution, int start, int count, int worker) => Activations.Apply(
        activation, execution.Pointer(Inputs[0], start, worker), execution.Pointer(Output, start, worker), (nint)count * Output.Width);
}
