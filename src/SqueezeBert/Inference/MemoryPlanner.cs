using SqueezeBert.Inference.Steps;

namespace SqueezeBert.Inference;

/// <summary>
/// Gives each value its memory. Values that live inside a segment share the worker's scratch; the others share global buffers of
/// their width and rows. Blocks of rows run through a segment at different paces, so a buffer may only change hands inside a segment where
/// the old and the new value have the same rows at the same places, which equal width and row set ensure.
/// </summary>
internal static class MemoryPlanner
{
    public static GlobalBuffer[] Assign(IReadOnlyList<Segment> segments)
    {
        var steps = new List<Step>();
        var segmentOf = new List<int>();
        for (var i = 0; i < segments.Count; i++)
        {
            foreach (var step in StepsOf(segments[i]))
            {
                steps.Add(step);
                segmentOf.Add(i);
            }
        }

        var lastUse = new Dictionary<PlanValue, int>();
        var lastSegment = new Dictionary<PlanValue, int>();
        for (var i = 0; i < steps.Count; i++)
        {
            foreach (var value in steps[i].Inputs.Append(steps[i].Output))
            {
                lastUse[value] = value.IsOutput ? int.MaxValue : i;
                lastSegment[value] = value.IsOutput ? int.MaxValue : segmentOf[i];
            }
        }

        var buffers = new List<GlobalBuffer>();
        var free = new Dictionary<long, Stack<int>>();
        var locals = new LocalSpace();
        for (var i = 0; i < steps.Count; i++)
        {
            var (step, segment) = (steps[i], segmentOf[i]);
            if (i == 0 || segmentOf[i - 1] != segment) locals = new LocalSpace();
            var output = step.Output;
            output.IsLocal = step is RowStep && lastSegment[output] == segment;
            var scratch = step is FeedForwardStep feedForward ? feedForward.Middle : null;
            if (scratch is not null)
            {
                scratch.IsLocal = true;
                scratch.Place = locals.Take(scratch.Width);
            }

            var taken = step.Overwritable is { } old && lastUse[old] == i && old.IsLocal == output.IsLocal && old.Width == output.Width
                && old.Rows == output.Rows ? old : null;
            if (taken is not null) output.Place = taken.Place;
            else if (output.IsLocal) output.Place = locals.Take(output.Width);
            else output.Place = TakeGlobal(buffers, free, output);

            if (scratch is not null) locals.Release(scratch.Place, scratch.Width);
            foreach (var input in step.Inputs.Distinct())
            {
                if (lastUse[input] != i || input == taken) continue;
                if (input.IsLocal) locals.Release(input.Place, input.Width);
                else FreeList(free, input).Push(input.Place);
            }

            segments[segment].LocalWidth = Math.Max(segments[segment].LocalWidth, locals.Size);
        }

        return [.. buffers];
    }

    private static IEnumerable<Step> StepsOf(Segment segment) => segment.Sequence is { } sequence ? [sequence] : segment.RowSteps;

    private static int TakeGlobal(List<GlobalBuffer> buffers, Dictionary<long, Stack<int>> free, PlanValue value)
    {
        if (FreeList(free, value).TryPop(out var place)) return place;
        buffers.Add(new GlobalBuffer(value.Rows, value.Width));
        return buffers.Count - 1;
    }

    private static Stack<int> FreeList(Dictionary<long, Stack<int>> free, PlanValue value)
    {
        var key = ((long)value.Rows << 32) | (uint)value.Width;
        if (!free.TryGetValue(key, out var list)) free.Add(key, list = new Stack<int>());
        return list;
    }

    /// <summary>First-fit of widths in a block's scratch; the offsets are in floats per row.</summary>
    private sealed class LocalSpace
    {
        private readonly List<(int Start, int Width)> _free = [];

        public int Size { get; private set; }

        public int Take(int width)
        {
            // Rows of a local value start on a cache line where its block does.
            width = Round(width);
            for (var i = 0; i < _free.Count; i++)
            {
                var (start, room) = _free[i];
                if (room < width) continue;
                if (room == width) _free.RemoveAt(i);
                else _free[i] = (start + width, room - width);
                return start;
            }

            Size += width;
            return Size - width;
        }

        public void Release(int start, int width)
        {
            _free.Add((start, Round(width)));
            _free.Sort();
            for (var i = _free.Count - 1; i > 0; i--)
            {
                if (_free[i - 1].Start + _free[i - 1].Width != _free[i].Start) continue;
                _free[i - 1] = (_free[i - 1].Start, _free[i - 1].Width + _free[i].Width);
                _free.RemoveAt(i);
            }
        }

        private static int Round(int width) => (width + 15) & ~15;
    }
}
