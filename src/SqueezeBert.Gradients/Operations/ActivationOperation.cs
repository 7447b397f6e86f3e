using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>y = f(x). Backward: dx = dy f'(x).</summary>
internal sealed unsafe class ActivationOperation(ActivationNode node) : Operation(node)
{
    private const int BlockSize = 1024;

    public override bool GradientInPlace => true;

    public override void Forward(BatchState state, int first, int count, int worker) =>
        Activations.Apply(node.Activation, Inputs[0].DataRow(first), Output.DataRow(first), (nint)count * node.Width);

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        var x = Inputs[0];
        if (!Accumulate[0])
        {
            Activations.Backward(node.Activation, x.DataRow(first), Output.GradientRow(first), x.GradientRow(first),
                (nint)count * node.Width);
            return;
        }

        var block = stackalloc float[BlockSize];
        var end = (long)count * node.Width;
        for (long start = 0; start < end; start += BlockSize)
        {
            var length = (nint)Math.Min(BlockSize, end - start);
            Activations.Backward(node.Activation, x.DataRow(first) + start, Output.GradientRow(first) + start, block, length);
            Elementwise.Add(block, x.GradientRow(first) + start, x.GradientRow(first) + start, length);
        }
    }
}
