using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// The concatenation of [next | current | previous] rows. Neighbours are determined by position, and missing ones are zeros. A unit is one
/// text.
/// </summary>
internal sealed unsafe class TrigramOperation(TrigramNode node) : Operation(node)
{
    private readonly int _width = node.Inputs[0].Width;

    public override int Units(BatchState state) => state.TextCount;

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var (start, rows) = state.RowsOf(node.Inputs[0].Rows, text);
            for (var row = start; row < start + rows; row++)
            {
                for (var part = 0; part < 3; part++)
                {
                    var target = new Span<float>(Output.DataRow(row) + (part * _width), _width);
                    if (IsNeighbour(state, row, row + 1 - part, start, rows))
                        new ReadOnlySpan<float>(Inputs[0].DataRow(row + 1 - part), _width).CopyTo(target);
                    else target.Clear();
                }
            }
        }
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var (start, rows) = state.RowsOf(node.Inputs[0].Rows, text);
            for (var row = start; row < start + rows; row++)
            {
                var target = Inputs[0].GradientRow(row);
                if (!Accumulate[0]) new Span<float>(target, _width).Clear();

                // This row is the next of the one before it, its own, and the previous of the one after it.
                for (var part = 0; part < 3; part++)
                {
                    if (IsNeighbour(state, row, row + part - 1, start, rows))
                        Elementwise.Add(Output.GradientRow(row + part - 1) + (part * _width), target, target, _width);
                }
            }
        }
    }

    /// <summary>Returns whether a row belongs to the same text and is as far away by position as by row.</summary>
    private static bool IsNeighbour(BatchState state, int row, int other, int start, int rows) =>
        other >= start && other < start + rows && state.Positions[other] - state.Positions[row] == other - row;
}
