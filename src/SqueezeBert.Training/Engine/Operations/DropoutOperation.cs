using SqueezeBert.Models;

namespace SqueezeBert.Training.Engine.Operations;

/// <summary>Drops elements and scales the others by 1 / (1 - p). The backward pass draws the same numbers again.</summary>
internal sealed unsafe class DropoutOperation(DropoutNode node) : Operation(node)
{
    private readonly uint _threshold = DropoutKey.Threshold(node.Probability);
    private readonly float _scale = 1 / (1 - node.Probability);

    public override bool DataInPlace => true;

    public override void Forward(Step step, int first, int count, int worker)
    {
        for (var row = first; row < first + count; row++) Apply(step, row, Inputs[0].DataRow(row), Output.DataRow(row), false);
    }

    public override void Backward(Step step, int first, int count, int worker)
    {
        for (var row = first; row < first + count; row++) Apply(step, row, Output.GradientRow(row), Inputs[0].GradientRow(row), Accumulate[0]);
    }

    private void Apply(Step step, int row, float* source, float* target, bool accumulate)
    {
        if (step.Dropout) RowMath.Dropout(source, target, node.Width, step.DropoutKey.Site(node.Site, step.RowKeys(node.Rows)[row]), _threshold, _scale, accumulate);
        else if (accumulate) RowMath.Add(source, target, node.Width);
        else if (source != target) new ReadOnlySpan<float>(source, node.Width).CopyTo(new Span<float>(target, node.Width));
    }
}
