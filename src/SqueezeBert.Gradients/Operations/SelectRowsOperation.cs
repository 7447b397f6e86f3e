using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// Keeps some token rows. Backward, the other rows get zeros. No row is selected twice. There are few rows, so all of them are one unit.
/// </summary>
internal sealed unsafe class SelectRowsOperation(SelectRowsNode node) : Operation(node)
{
    public override bool IsRowWise => false;

    public override int Units(BatchState state) => 1;

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        var rows = state.SourceRows(node.Rows);
        for (var i = 0; i < state.RowCount(node.Rows); i++) Copy(Inputs[0].DataRow(rows[i]), Output.DataRow(i));
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        var rows = state.SourceRows(node.Rows);
        if (!Accumulate[0]) new Span<float>(Inputs[0].Gradient, checked(state.RowCount(Inputs[0].Rows) * node.Width)).Clear();
        for (var i = 0; i < state.RowCount(node.Rows); i++)
        {
            var target = Inputs[0].GradientRow(rows[i]);
            Elementwise.Add(Output.GradientRow(i), target, target, node.Width);
        }
    }

    private void Copy(float* source, float* target) =>
        new ReadOnlySpan<float>(source, node.Width).CopyTo(new Span<float>(target, node.Width));
}
