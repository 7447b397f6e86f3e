namespace SqueezeBert.Inference.Operations;

/// <summary>Copies adjacent channels of each row.</summary>
internal sealed unsafe class ColumnsOperation(PlanValue output, PlanValue input, int first) : RowOperation(output, input)
{
    public override void Execute(Execution execution, int start, int count, int worker)
    {
        for (var row = start; row < start + count; row++)
        {
            new ReadOnlySpan<float>(execution.Pointer(Inputs[0], row, worker) + first, Output.Width)
                .CopyTo(new Span<float>(execution.Pointer(Output, row, worker), Output.Width));
        }
    }
}
