using SqueezeBert.Inference;

namespace SqueezeBert;

/// <summary>What the options of all pipelines have in common.</summary>
public abstract record PipelineOptions
{
    private protected PipelineOptions()
    {
    }

    /// <summary>
    /// Tokens of an input at most, special tokens included; null for as many as the tokenizer and the model's positions allow.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// Tokens that are computed together when there are many texts or windows: bounds the memory. A text is never cut because of it.
    /// </summary>
    public int BatchTokens { get; init; } = 2048;

    /// <summary>Threads and the like.</summary>
    public InferenceOptions Inference { get; init; } = new();
}
