using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;

namespace SqueezeBert.Gradients.Sessions;

/// <summary>
/// The sums of table rows that an embedding makes: the inputs of a model that have gradients. As the other tables' rows are only added, the
/// gradient is that by the word embeddings too. An explanation may put other rows in their place.
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

    /// <summary>The rows of the last forward pass, one a token.</summary>
    public NativeRows Rows => new(_operation.Output.Data, _state.TokenCount, _operation.Output.Width);

    /// <summary>The gradient by them after a backward pass.</summary>
    public NativeRows Gradient => new(_operation.Output.Gradient, _state.TokenCount, _operation.Output.Width);

    /// <summary>
    /// What the next forward passes take instead of looking rows up, [tokens, width]; null ends it. The memory is the caller's and must
    /// live as long.
    /// </summary>
    public void Replace(float* rows) => _operation.Replacement = rows;
}
