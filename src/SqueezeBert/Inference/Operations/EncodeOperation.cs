namespace SqueezeBert.Inference.Operations;

/// <summary>
/// Converts a value to the format of the products that read it, if it is computed on whole texts. Other operations encode their output
/// themselves (<see cref="RowOperation.AlsoEncode"/>).
/// </summary>
internal sealed class EncodeOperation(PlanValue output, PlanValue input) : RowOperation(output, input)
{
    public override void Execute(Execution execution, int start, int count, int worker) =>
        execution.Encode(Inputs[0], Output, start, count, worker);
}
