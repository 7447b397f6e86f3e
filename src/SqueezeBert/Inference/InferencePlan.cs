using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference.Operations;

namespace SqueezeBert.Inference;

/// <summary>
/// A sequence of row-wise operations that are computed for one block of rows at a time, or a single sequence-wise operation.
/// </summary>
internal sealed class Segment
{
    public required RowSet Rows { get; init; }

    public required RowOperation[] RowOperations { get; init; }

    /// <summary>The number of elements of all weights, which is the number of multiply-adds of a row.</summary>
    public required long WeightCount { get; init; }

    public SequenceOperation? Sequence { get; init; }

    /// <summary>The bytes per row of a block that the local values of the segment take.</summary>
    public int LocalByteCount { get; set; }
}

/// <summary>A global buffer of a plan. Values whose lifetimes do not overlap share it.</summary>
internal sealed record GlobalBuffer(RowSet Rows, int RowByteCount);

/// <summary>
/// What is computed for a set of outputs, in which order and in which memory. Immutable and shared by threads. An <see cref="Execution"/>
/// holds the memory of one run. The members are arrays, so that a run allocates no enumerators.
/// </summary>
internal sealed class InferencePlan
{
    public required Segment[] Segments { get; init; }

    public required GlobalBuffer[] Buffers { get; init; }

    public required AttentionCapture[] Captures { get; init; }

    /// <summary>The value of each output after a run.</summary>
    public required IReadOnlyDictionary<string, PlanValue> Outputs { get; init; }

    /// <summary>The limit of the ids of each kind.</summary>
    public required (EmbeddingIndex Index, int Rows)[] Limits { get; init; }

    /// <summary>The largest number of bytes per row of a block that any segment needs.</summary>
    public int LocalByteCount => Segments.Max(segment => segment.LocalByteCount);
}
