using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// The mean or maximum over the tokens of a text. Of equal maxima, the first token gets the gradient. A unit is one text.
/// </summary>
internal sealed unsafe class PoolOperation(PoolNode node) : Operation(node)
{
    /// <summary>The row of each maximum, [texts, width].</summary>
    private int* _largest;

    public override int Units(BatchState state) => state.TextCount;

    public override void Prepare(BatchState state)
    {
        if (node.Kind == PoolKind.Max) _largest = (int*)state.Arena.Floats((long)state.TextCount * node.Width);
    }

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var (start, rows) = state.RowsOf(node.Inputs[0].Rows, text);
            if (node.Kind == PoolKind.Mean) TokenMean.Compute(Inputs[0].DataRow(start), rows, node.Width, Output.DataRow(text));
            else Maximum(start, rows, new Span<float>(Output.DataRow(text), node.Width),
                new Span<int>(_largest + ((long)text * node.Width), node.Width));
        }
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        for (var text = first; text < first + count; text++)
        {
            var (start, rows) = state.RowsOf(node.Inputs[0].Rows, text);
            var source = Output.GradientRow(text);
            var target = Inputs[0].GradientRow(start);
            if (node.Kind == PoolKind.Max)
            {
                if (!Accumulate[0]) new Span<float>(target, rows * node.Width).Clear();
                for (var i = 0; i < node.Width; i++) Inputs[0].GradientRow(_largest[((long)text * node.Width) + i])[i] += source[i];
                continue;
            }

            for (var row = 0; row < rows; row++, target += node.Width)
            {
                if (Accumulate[0]) Elementwise.AddScaled(1f / rows, source, target, node.Width);
                else Elementwise.Scale(1f / rows, source, target, node.Width);
            }
        }
    }

    private void Maximum(int start, int rows, Span<float> target, Span<int> largest)
    {
        new ReadOnlySpan<float>(Inputs[0].DataRow(start), target.Length).CopyTo(target);
        largest.Fill(start);
        for (var row = start + 1; row < start + rows; row++)
        {
            var source = Inputs[0].DataRow(row);
            for (var i = 0; i < target.Length; i++)
            {
                if (source[i] > target[i]) (target[i], largest[i]) = (source[i], row);
            }
        }
    }
}
