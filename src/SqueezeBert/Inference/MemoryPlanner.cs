using SqueezeBert.Inference.Operations;
using SqueezeBert.Memory;

namespace SqueezeBert.Inference;

/// <summary>
/// Assigns memory to each value. Values that are used only inside a segment share the scratch memory of a worker. Other values share global
/// buffers with their row size and row set. Blocks of rows are at different places of a segment at the same time. Inside a segment, a
/// buffer may therefore be reused only if the old and the new value have the same rows at the same places. Equal row sizes and row sets
/// ensure that.
/// </summary>
internal static class MemoryPlanner
{
    public static GlobalBuffer[] Assign(IReadOnlyList<Segment> segments)
    {
        var operations = new List<Operation>();
        var segmentOf = new List<int>();
        for (var i = 0; i < segments.Count; i++)
        {
            foreach (var operation in OperationsOf(segments[i]))
            {
                operations.Add(operation);
                segmentOf.Add(i);
            }
        }

        var lastUse = new Dictionary<PlanValue, int>();
        var lastSegment = new Dictionary<PlanValue, int>();
        for (var i = 0; i < operations.Count; i++)
        {
            foreach (var value in operations[i].Inputs.Concat(operations[i].Outputs))
            {
                lastUse[value] = value.IsOutput ? int.MaxValue : i;
                lastSegment[value] = value.IsOutput ? int.MaxValue : segmentOf[i];
            }
        }

        var buffers = new List<GlobalBuffer>();
        var free = new Dictionary<long, Stack<int>>();
        var locals = new LocalSpace();
        for (var i = 0; i < operations.Count; i++)
        {
            var (operation, segment) = (operations[i], segmentOf[i]);
            if (i == 0 || segmentOf[i - 1] != segment) locals = new LocalSpace();
            foreach (var scratch in operation.Scratch)
            {
                scratch.IsLocal = true;
                scratch.Place = locals.Take(scratch.RowByteCount);
            }

            PlanValue? taken = null;
            foreach (var output in operation.Outputs)
            {
                output.IsLocal = operation is RowOperation && lastSegment[output] == segment;
                if (output == operation.Output && operation.Overwritable is { } old && lastUse[old] == i && old.IsLocal == output.IsLocal
                    && old.RowByteCount == output.RowByteCount && old.Rows == output.Rows)
                {
                    taken = old;
                    output.Place = old.Place;
                }
                else
                {
                    output.Place = output.IsLocal ? locals.Take(output.RowByteCount) : TakeGlobal(buffers, free, output);
                }
            }

            foreach (var scratch in operation.Scratch) locals.Release(scratch.Place, scratch.RowByteCount);

            // An output that nobody reads is one that was only wanted in another format.
            foreach (var value in operation.Inputs.Concat(operation.Outputs).Distinct())
            {
                if (lastUse[value] != i || value == taken) continue;
                if (value.IsLocal) locals.Release(value.Place, value.RowByteCount);
                else FreeList(free, value).Push(value.Place);
            }

            segments[segment].LocalByteCount = Math.Max(segments[segment].LocalByteCount, locals.Size);
        }

        return [.. buffers];
    }

    private static IEnumerable<Operation> OperationsOf(Segment segment) =>
        segment.Sequence is { } sequence ? [sequence] : segment.RowOperations;

    private static int TakeGlobal(List<GlobalBuffer> buffers, Dictionary<long, Stack<int>> free, PlanValue value)
    {
        if (FreeList(free, value).TryPop(out var place)) return place;
        buffers.Add(new GlobalBuffer(value.Rows, value.RowByteCount));
        return buffers.Count - 1;
    }

    private static Stack<int> FreeList(Dictionary<long, Stack<int>> free, PlanValue value)
    {
        var key = ((long)value.Rows << 32) | (uint)value.RowByteCount;
        if (!free.TryGetValue(key, out var list)) free.Add(key, list = new Stack<int>());
        return list;
    }

    /// <summary>First-fit allocation of row sizes in the scratch memory of a block. Offsets are in bytes per row.</summary>
    private sealed class LocalSpace
    {
        private readonly List<(int Start, int Length)> _free = [];

        public int Size { get; private set; }

        public int Take(int length)
        {
            // Rows of a local value start on a cache line where its block does.
            length = Round(length);
            for (var i = 0; i < _free.Count; i++)
            {
                var (start, room) = _free[i];
                if (room < length) continue;
                if (room == length) _free.RemoveAt(i);
                else _free[i] = (start + length, room - length);
                return start;
            }

            Size += length;
            return Size - length;
        }

        public void Release(int start, int length)
        {
            _free.Add((start, Round(length)));
            _free.Sort();
            for (var i = _free.Count - 1; i > 0; i--)
            {
                if (_free[i - 1].Start + _free[i - 1].Length != _free[i].Start) continue;
                _free[i - 1] = (_free[i - 1].Start, _free[i - 1].Length + _free[i].Length);
                _free.RemoveAt(i);
            }
        }

        private static int Round(int length) => (int)NativeBuffer.Align(length);
    }
}
