using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Pruning;

/// <summary>The kept part of a tensor: some of its rows, or some columns in each group of rows.</summary>
/// <param name="Rows">The kept rows in ascending order. Null keeps all.</param>
/// <param name="Columns">The kept columns for each of several equal groups of rows, the same number for each. Null keeps all.</param>
internal sealed record TensorSlice(IReadOnlyList<int>? Rows, IReadOnlyList<IReadOnlyList<int>>? Columns)
{
    public NamedTensor Of(NamedTensor tensor)
    {
        var rows = (int)tensor.Shape[0];
        var columns = rows == 0 ? 0 : tensor.Data.Length / rows;
        var kept = Rows ?? [.. Enumerable.Range(0, rows)];
        var width = Columns?[0].Count ?? columns;
        var data = new float[kept.Count * width];
        var source = tensor.Data.Span;
        for (var row = 0; row < kept.Count; row++)
        {
            var from = source.Slice(kept[row] * columns, columns);
            var to = data.AsSpan(row * width, width);
            if (Columns is null)
            {
                from.CopyTo(to);
                continue;
            }

            var own = Columns[kept[row] / (rows / Columns.Count)];
            for (var column = 0; column < width; column++) to[column] = from[own[column]];
        }

        var shape = tensor.Shape.SetItem(0, kept.Count);
        return tensor with { Shape = shape.Length > 1 ? shape.SetItem(1, width) : shape, Data = data };
    }
}
