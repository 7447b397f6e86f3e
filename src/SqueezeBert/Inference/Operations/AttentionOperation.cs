using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Inference.Operations;

/// <summary>Computes attention within each text. A part is one text, one head and one block of queries.</summary>
internal sealed unsafe class AttentionOperation(PlanValue output, PlanValue query, PlanValue key, PlanValue value, AttentionNode node)
    : SequenceOperation(output, query, key, value)
{
    /// <summary>
    /// The largest number of queries of a part if there are too few texts and heads for the threads. Each part packs the keys of its head
    /// again.
    /// </summary>
    private const int QueryBlock = 128;

    private const int PartsPerThread = 3;

    /// <summary>
    /// The capture of scores or probabilities if they are outputs, with the shape [heads, queries, keys] for each text, one text after
    /// another.
    /// </summary>
    public AttentionCapture? Capture { get; set; }

    private int QueryWidth => query.Width / node.Heads;

    private int ValueWidth => value.Width / node.Heads;

    public override int Parts(Execution execution)
    {
        var isEnough = execution.MaxThreads == 1 || execution.TextCount * node.Heads >= PartsPerThread * execution.MaxThreads;
        return execution.AttentionParts(query.Rows, isEnough ? int.MaxValue : QueryBlock) * node.Heads;
    }

    public override long Work(Execution execution) => (long)execution.RowCount(query) * execution.LongestText * (query.Width + value.Width);

    public override long ScratchSize(Execution execution) =>
        Attention.WorkspaceSize(execution.LongestText, execution.LongestText, Math.Max(QueryWidth, ValueWidth));

    public override void Execute(Execution execution, int part, int worker)
    {
        // Heads of one block of queries follow each other: their rows are in the cache.
        var head = part % node.Heads;
        var (text, first, count) = execution.AttentionPart(query.Rows, part / node.Heads);
        var keyStart = execution.TextStart(text);
        var keys = execution.TextStart(text + 1) - keyStart;
        var capture = Capture is null ? null : Capture.Slice(execution, text, head, first - execution.FirstRow(query.Rows, text));
        Attention.Forward(
            execution.Block(query, first, count, worker).TakeColumns(head * QueryWidth, QueryWidth),
            execution.Block(key, keyStart, keys, worker).TakeColumns(head * QueryWidth, QueryWidth),
            execution.Block(value, keyStart, keys, worker).TakeColumns(head * ValueWidth, ValueWidth),
            execution.Block(Output, first, count, worker).TakeColumns(head * ValueWidth, ValueWidth),
            1,
            node.Scale,
            execution.Scratch(worker),
            Capture?.Kind == OutputKind.AttentionScores ? capture : null,
            Capture?.Kind == OutputKind.AttentionProbabilities ? capture : null);
    }
}
