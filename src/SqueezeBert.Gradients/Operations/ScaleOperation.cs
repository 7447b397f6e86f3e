using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>y = factor x, and the same for the gradient.</summary>
internal sealed unsafe class ScaleOperation(ScaleNode node) : Operation(node)
{
    public override bool DataInPlace => true;

    public override void Forward(BatchState state, int first, int count, int worker) =>
        Elementwise.Scale(node.Factor, Inputs[0].DataRow(first), Output.DataRow(first), (nint)count * node.Width);

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        var source = Output.GradientRow(first);
        var target = Inputs[0].GradientRow(first);
        if (Accumulate[0]) Elementwise.AddScaled(node.Factor, source, target, (nint)count * node.Width);
        else Elementwise.Scale(node.Factor, source, target, (nint)count * node.Width);
    }
}
