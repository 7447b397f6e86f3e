namespace SqueezeBert.Inference.Operations;

/// <summary>Copies the rows of a smaller row set from a value that contains every token.</summary>
internal sealed unsafe class GatherOperation(PlanValue output, PlanValue input) : RowOperation(output, input)
{
    public override void Execute(Execution execution, int start, int count, int worker)
    {
        var target = execution.Pointer(Output, start, worker);
        var rows = execution.TokenRows(Output.Rows);
        var bytes = (long)Output.Width * sizeof(float);
        for (var i = 0; i < count; i++)
            Buffer.MemoryCopy(execution.Pointer(Inputs[0], rows[start + i], worker), target + ((long)i * Output.Width), bytes, bytes);
    }
}
