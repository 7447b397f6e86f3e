using SqueezeBert.Graphs;

namespace SqueezeBert.Inference;

/// <summary>
/// The memory for the scores or probabilities of an attention, with the shape [heads, tokens, tokens] for each text, one text after
/// another.
/// </summary>
internal sealed unsafe class AttentionCapture(string name, OutputKind kind, int heads, int slot)
{
    public string Name { get; } = name;

    public OutputKind Kind { get; } = kind;

    public int Heads { get; } = heads;

    /// <summary>The index of the buffer in the execution of a plan.</summary>
    public int Slot { get; } = slot;

    /// <summary>Returns the start of a block of rows of one head.</summary>
    public float* Slice(Execution execution, int text, int head, int firstQuery)
    {
        var tokens = execution.TextStart(text + 1) - execution.TextStart(text);
        return execution.Capture(Slot) + Offset(execution, text) + ((((long)head * tokens) + firstQuery) * tokens);
    }

    /// <summary>Returns the number of elements before those of a text.</summary>
    public long Offset(Execution execution, int text)
    {
        var offset = 0L;
        for (var i = 0; i < text; i++)
        {
            long tokens = execution.TextStart(i + 1) - execution.TextStart(i);
            offset += tokens * tokens * Heads;
        }

        return offset;
    }
}
