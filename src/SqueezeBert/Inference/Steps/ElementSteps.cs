using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Steps;

internal sealed unsafe class ActivationStep(PlanValue output, PlanValue input, Activation activation) : RowStep(output, input)
{
    public override PlanValue? Overwritable => Inputs[0];

    public override void Execute(Execution execution, int start, int count, int worker) => Activations.Apply(
        activation, execution.Pointer(Inputs[0], start, worker), execution.Pointer(Output, start, worker), (nint)count * Output.Width);
}

internal sealed unsafe class ScaleStep(PlanValue output, PlanValue input, float factor) : RowStep(output, input)
{
    public override PlanValue? Overwritable => Inputs[0];

    public override void Execute(Execution execution, int start, int count, int worker) => Elementwise.Scale(
        factor, execution.Pointer(Inputs[0], start, worker), execution.Pointer(Output, start, worker), (nint)count * Output.Width);
}

internal sealed unsafe class AddStep(PlanValue output, PlanValue left, PlanValue right) : RowStep(output, left, right)
{
    public override PlanValue? Overwritable => Inputs[0];

    public override void Execute(Execution execution, int start, int count, int worker) => Elementwise.Add(
        execution.Pointer(Inputs[0], start, worker),
        execution.Pointer(Inputs[1], start, worker),
        execution.Pointer(Output, start, worker),
        (nint)count * Output.Width);
}

internal sealed unsafe class NormStep(PlanValue output, PlanValue input, NormKind kind, float* weight, float* bias, float epsilon)
    : RowStep(output, input)
{
    public override PlanValue? Overwritable => Inputs[0];

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        var x = execution.Pointer(Inputs[0], start, worker);
        var y = execution.Pointer(Output, start, worker);
        if (kind == NormKind.LayerNorm)
            LayerNorm.Forward(x, Output.Width, weight, bias, epsilon, y, Output.Width, count, Output.Width, null, null);
        else NoNorm.Forward(x, Output.Width, weight, bias, y, Output.Width, count, Output.Width);
    }
}

/// <summary>Takes neighbouring channels out of each row.</summary>
internal sealed unsafe class ColumnsStep(PlanValue output, PlanValue input, int first) : RowStep(output, input)
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

/// <summary>Takes the rows that a smaller row set names out of a value that holds every token.</summary>
internal sealed unsafe class GatherStep(PlanValue output, PlanValue input) : RowStep(output, input)
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
