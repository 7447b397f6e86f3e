using SqueezeBert.Models;

namespace SqueezeBert.Training.Engine.Operations;

/// <summary>[next | current | previous] rows side by side; neighbours go by position, zeros where there is none. A unit is a text.</summary>
internal sealed unsafe class TrigramOperation(TrigramNode node) : Operation(node)
{
    private readonly int _width = node.Inputs[0].Width;

    public override int Units(Step step) => step.TextCount;

    public override void Forward(Step step, int first, int count, int worker)
    {
        for (var row = step.TextStarts[first]; row < step.TextStarts[first + count]; row++)
        {
            for (var part = 0; part < 3; part++)
            {
                var target = new Span<float>(Output.DataRow(row) + (part * _width), _width);
                if (HasNeighbour(step, row, 1 - part)) new ReadOnlySpan<float>(Inputs[0].DataRow(row + 1 - part), _width).CopyTo(target);
                else target.Clear();
            }
        }
    }

    public override void Backward(Step step, int first, int count, int worker)
    {
        for (var row = step.TextStarts[first]; row < step.TextStarts[first + count]; row++)
        {
            var target = Inputs[0].GradientRow(row);
            if (!Accumulate[0]) new Span<float>(target, _width).Clear();

            // This row is the next of the one before it, its own, and the previous of the one after it.
            for (var part = 0; part < 3; part++)
            {
                if (HasNeighbour(step, row, part - 1)) RowMath.Add(Output.GradientRow(row + part - 1) + (part * _width), target, _width);
            }
        }
    }

    private static bool HasNeighbour(Step step, int row, int distance)
    {
        var neighbour = row + distance;
        if (distance == 0) return true;
        if (neighbour < 0 || neighbour >= step.TokenCount) return false;

        return step.Positions[neighbour] == step.Positions[row] + distance && !IsTextStart(step, Math.Max(row, neighbour));
    }

    private static bool IsTextStart(Step step, int row) => new ReadOnlySpan<int>(step.TextStarts, step.TextCount + 1).BinarySearch(row) >= 0;
}
