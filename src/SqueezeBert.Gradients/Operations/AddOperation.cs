using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>y = a + b. Backward: the gradient goes to both.</summary>
internal sealed unsafe class AddOperation(AddNode node) : Operation(node)
{
    public override bool DataInPlace => true;

    public override void Forward(BatchState state, int first, int count, int worker) =>
        Elementwise.Add(Inputs[0].DataRow(first), Inputs[1].DataRow(first), Output.DataRow(first), (nint)count * node.Width);

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        // The second input first: the first one may share the gradient's memory with the sum.
        for (var i = 1; i >= 0; i--)
        {
            if (!Inputs[i].NeedsGradient) continue;
            var source = Output.GradientRow(first);
            var target = Inputs[i].GradientRow(first);
            if (source == target) continue;
            var length = (long)count * node.Width;
            if (Accumulate[i]) Elementwise.Add(source, target, target, (nint)length);
            else System.Buffer.MemoryCopy(source, target, length * sizeof(float), length * sizeof(float));
        }
    }
}
