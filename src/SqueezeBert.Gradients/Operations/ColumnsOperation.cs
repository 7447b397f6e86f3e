using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>Some channels of each row. Backward: the others get zeros.</summary>
internal sealed unsafe class ColumnsOperation(ColumnsNode node) : Operation(node)
{
    public override void Forward(BatchState state, int first, int count, int worker)
    {
        for (var row = first; row < first + count; row++)
            new ReadOnlySpan<float>(Inputs[0].DataRow(row) + node.Start, node.Width).CopyTo(
                new Span<float>(Output.DataRow(row), node.Width));
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        if (!Accumulate[0]) new Span<float>(Inputs[0].GradientRow(first), count * Inputs[0].Width).Clear();
        for (var row = first; row < first + count; row++)
        {
            var target = Inputs[0].GradientRow(row) + node.Start;
            Elementwise.Add(Output.GradientRow(row), target, target, node.Width);
        }
    }
}
