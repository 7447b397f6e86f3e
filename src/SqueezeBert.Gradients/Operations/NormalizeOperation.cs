using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>y = x / |x| for each row. Backward: dx = (dy - y (dy · y)) / |x|.</summary>
internal sealed unsafe class NormalizeOperation(NormalizeNode node) : Operation(node)
{
    private double* _lengths;

    public override bool GradientInPlace => true;

    public override void Prepare(BatchState state) => _lengths = (double*)state.Arena.Floats(2L * state.RowCount(node.Rows));

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        for (var row = first; row < first + count; row++)
            _lengths[row] = UnitLength.Forward(Inputs[0].DataRow(row), Output.DataRow(row), node.Width);
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
        var x = Inputs[0];
        for (var row = first; row < first + count; row++)
            UnitLength.Backward(x.DataRow(row), _lengths[row], Output.GradientRow(row), x.GradientRow(row), Accumulate[0], node.Width);
    }
}
