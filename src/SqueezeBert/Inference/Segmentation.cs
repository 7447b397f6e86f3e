using SqueezeBert.Inference.Operations;

namespace SqueezeBert.Inference;

/// <summary>
/// Divides the operations of a plan into segments: as many consecutive row-wise operations on the same rows as possible, and each
/// sequence-wise operation alone.
/// </summary>
internal static class Segmentation
{
    public static Segment[] Cut(IReadOnlyList<Operation> operations)
    {
        var segments = new List<Segment>();
        var pending = new List<RowOperation>();
        foreach (var operation in operations)
        {
            if (operation is RowOperation row)
            {
                if (pending.Count > 0 && pending[0].Output.Rows != row.Output.Rows) Flush(segments, pending);
                pending.Add(row);
                continue;
            }

            Flush(segments, pending);
            segments.Add(new Segment
            {
                Rows = operation.Output.Rows,
                RowOperations = [],
                WeightCount = 0,
                Sequence = (SequenceOperation)operation,
            });
        }

        Flush(segments, pending);
        return [.. segments];
    }

    private static void Flush(List<Segment> segments, List<RowOperation> pending)
    {
        if (pending.Count > 0)
            segments.Add(new Segment
            {
                Rows = pending[0].Output.Rows,
                RowOperations = [.. pending],
                WeightCount = pending.Sum(operation => operation.WeightCount)
            });
        pending.Clear();
    }
}
