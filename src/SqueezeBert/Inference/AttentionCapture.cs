using SqueezeBert.Graphs;

namespace SqueezeBert.Inference;

/// <summary>Room for an attention's scores or probabilities: [heads, tokens, tokens] of each text, texts one after another.</summary>
internal sealed unsafe class AttentionCapture(string name, OutputKind kind, int heads, int slot)
{
    public string Name { get; } = name;

    public OutputKind Kind { get; } = kind;

    public int Heads { get; } = heads;

    /// <summary>Where the execution of a plan keeps the buffer.</summary>
    public int Slot { get; } = slot;

    /// <summary>Start of a block of rows of one head.</summary>
    public float* Slice(Execution execution, int text, int head, int firstQuery)
    {
        var tokens = execution.TextStart(text + 1) - execution.TextStart(text);
        return execution.Capture(Slot) + Offset(execution, text) + ((((long)head * tokens) + firstQuery) * tokens);
    }

    /// <summary>Elements before a text's.</summary>
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
