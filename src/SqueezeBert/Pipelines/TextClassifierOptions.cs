using SqueezeBert.Inference;

namespace SqueezeBert;

/// <summary>How a <see cref="TextClassifier"/> reads texts.</summary>
public sealed record TextClassifierOptions
{
    /// <summary>Tokens of a text at most, special tokens included; null for as many as the tokenizer and the model's positions allow.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What to do with longer texts.</summary>
    public LongText LongText { get; init; } = LongText.Truncate;

    /// <summary>Tokens that are computed together when many texts are classified: bounds the memory. A text is never cut because of it.</summary>
    public int BatchTokens { get; init; } = 2048;

    /// <summary>Threads and the like.</summary>
    public InferenceOptions Inference { get; init; } = new();
}
