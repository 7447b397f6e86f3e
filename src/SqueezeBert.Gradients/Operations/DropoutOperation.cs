using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>Drops elements and scales the others by 1 / (1 - p). The backward pass draws the same numbers again.</summary>
internal sealed unsafe class DropoutOperation(DropoutNode node) : Operation(node)
{
    private readonly uint _threshold = DropoutKey.Threshold(node.Probability);
    private readonly float _scale = DropoutKey.KeepScale(node.Probability);

    public override bool DataInPlace => true;

    public override void Forward(BatchState state, int first, int count, int worker) =>
        Apply(state, first, count, Inputs[0].DataRow(first), Output.DataRow(first), accumulate: false);

    public override void Backward(BatchState state, int first, int count, int worker) =>
        Apply(state, first, count, Output.GradientRow(first), Inputs[0].GradientRow(first), Accumulate[0]);

    private void Apply(BatchState state, int first, int count, float* source, float* target, bool accumulate)
    {
        var length = (long)count * node.Width;
        if (!state.Dropout)
        {
            if (accumulate) Elementwise.Add(source, target, target, (nint)length);
            else if (source != target) System.Buffer.MemoryCopy(source, target, length * sizeof(float), length * sizeof(float));
            return;
        }

        var site = state.DropoutKey.Site(node.Site);
        var rows = state.RowKeys(node.Rows);
        for (var row = first; row < first + count; row++, source += node.Width, target += node.Width)
            Dropout.Apply(source, target, node.Width, DropoutKey.RowAt(site, rows[row]), _threshold, _scale, accumulate);
    }
}
