using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference.Operations;

namespace SqueezeBert.Inference;

/// <summary>Operations that one block of rows can be carried through without looking at another, or one sequence-wise operation.</summary>
internal sealed class Segment
{
    public required RowSet Rows { get; init; }

    public required RowOperation[] RowOperations { get; init; }

    /// <summary>Elements of all weights: the multiply-adds of a row.</summary>
    public required long WeightCount { get; init; }

    public SequenceOperation? Sequence { get; init; }

    /// <summary>Bytes per row of a block that the segment's local values take.</summary>
    public int LocalByteCount { get; set; }
}

/// <summary>A global buffer of a plan, shared by values whose lives do not overlap.</summary>
internal sealed record GlobalBuffer(RowSet Rows, int RowByteCount);

/// <summary>
/// What has to be computed for a set of outputs, in which order and in which memory. Immutable and shared by threads; an
/// <see cref="Execution"/> holds the memory of one run. Arrays, since a run walks through them without allocating an enumerator.
/// </summary>
internal sealed class InferencePlan
{
    public required Segment[] Segments { get; init; }

    public required GlobalBuffer[] Buffers { get; init; }

    public required AttentionCapture[] Captures { get; init; }

    /// <summary>Where each output is when a run has ended.</summary>
    public required IReadOnlyDictionary<string, PlanValue> Outputs { get; init; }

    /// <summary>Ids of each kind must be below.</summary>
    public required (EmbeddingIndex Index, int Rows)[] Limits { get; init; }

    /// <summary>Bytes per row of a block for the segment that needs most.</summary>
    public int LocalByteCount => Segments.Max(segment => segment.LocalByteCount);
}
