using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Inference.Operations;

/// <summary>
/// Computes [next | current | previous] for each token. Neighbours are determined by position. Missing neighbours are zeros, unless the
/// batch names a masked token there.
/// </summary>
/// <param name="output">[tokens, 3 width].</param>
/// <param name="input">[tokens, width].</param>
/// <param name="table">The word embeddings that the input was looked up in.</param>
/// <param name="entries">The number of rows of the table, or 0 if the input was not looked up.</param>
internal sealed unsafe class TrigramOperation(PlanValue output, PlanValue input, EmbeddingRows table, int entries)
    : SequenceOperation(output, input)
{
    public override int Parts(Execution execution) => execution.TextCount;

    public override long Work(Execution execution) => (long)execution.RowCount(Output) * Output.Width;

    public override void Execute(Execution execution, int part, int worker)
    {
        var width = Inputs[0].Width;
        var (start, end) = (execution.TextStart(part), execution.TextStart(part + 1));
        var positions = execution.Ids(EmbeddingIndex.Position);
        var masked = execution.MaskedNeighbours;
        for (var row = start; row < end; row++)
        {
            var target = new Span<float>(execution.Pointer(Output, row, worker), Output.Width);
            var next = row + 1 < end && positions[row + 1] == positions[row] + 1;
            var previous = row > start && positions[row - 1] == positions[row] - 1;
            Row(execution, row, worker).CopyTo(target.Slice(width, width));
            if (next) Row(execution, row + 1, worker).CopyTo(target[..width]);
            else Masked(masked, 2 * row, target[..width]);
            if (previous) Row(execution, row - 1, worker).CopyTo(target[(2 * width)..]);
            else Masked(masked, (2 * row) + 1, target[(2 * width)..]);
        }
    }

    private ReadOnlySpan<float> Row(Execution execution, int row, int worker) =>
        new(execution.Pointer(Inputs[0], row, worker), Inputs[0].Width);

    private void Masked(ReadOnlySpan<int> masked, int index, Span<float> target)
    {
        if ((uint)index >= (uint)masked.Length || (uint)masked[index] >= (uint)entries) target.Clear();
        else for (var i = 0; i < target.Length; i++) target[i] = table.Element(masked[index], i, target.Length);
    }
}
