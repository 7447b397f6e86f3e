using SqueezeBert.Inference.Steps;

namespace SqueezeBert.Inference;

/// <summary>
/// Cuts a plan's steps into segments: as many row-wise steps on the same rows as follow each other, and each sequence-wise step alone.
/// </summary>
internal static class Segmentation
{
    public static Segment[] Cut(IReadOnlyList<Step> steps)
    {
        var segments = new List<Segment>();
        var pending = new List<RowStep>();
        foreach (var step in steps)
        {
            if (step is RowStep row)
            {
                if (pending.Count > 0 && pending[0].Output.Rows != row.Output.Rows) Flush(segments, pending);
                pending.Add(row);
                continue;
            }

            Flush(segments, pending);
            segments.Add(new Segment { Rows = step.Output.Rows, RowSteps = [], WeightCount = 0, Sequence = (SequenceStep)step });
        }

        Flush(segments, pending);
        return [.. segments];
    }

    private static void Flush(List<Segment> segments, List<RowStep> pending)
    {
        if (pending.Count > 0)
            segments.Add(new Segment
            {
                Rows = pending[0].Output.Rows,
                RowSteps = [.. pending],
                WeightCount = pending.Sum(step => step.WeightCount)
            });
        pending.Clear();
    }
}
