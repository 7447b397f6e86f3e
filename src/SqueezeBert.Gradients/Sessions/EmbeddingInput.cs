using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;

namespace SqueezeBert.Gradients.Sessions;

/// <summary>
/// The sums of table rows that an embedding computes, which are the inputs of a model that have gradients. The rows of the other tables are
/// only added, so the gradient is also that of the word embeddings. An explanation may replace them by other rows.
/// </summary>
internal sealed unsafe class EmbeddingInput
{
    private readonly EmbedOperation _operation;
    private readonly BatchState _state;

    internal EmbeddingInput(EmbedOperation operation, BatchState state)
    {
        _operation = operation;
        _state = state;
    }

    /// <summary>The rows of the last forward pass, one per token.</summary>
    public NativeRows Rows => new(_operation.Output.Data, _state.TokenCount, _operation.Output.Width);

    /// <summary>Their gradient after a backward pass.</summary>
    public NativeRows Gradient => new(_operation.Output.Gradient, _state.TokenCount, _operation.Output.Width);

    /// <summary>
    /// Sets the rows, [tokens, width], that the next forward passes use instead of look-ups. Null removes them. The memory belongs to the
    /// caller and must exist as long.
    /// </summary>
    public void Replace(float* rows) => _operation.Replacement = rows;
}
