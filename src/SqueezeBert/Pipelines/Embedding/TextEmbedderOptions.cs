using SqueezeBert.Checkpoints;

namespace SqueezeBert;

/// <summary>How a <see cref="TextEmbedder"/> makes vectors. What is null is as the sentence-transformers folder says, else as noted.</summary>
public sealed record TextEmbedderOptions : PipelineOptions
{
    /// <summary>How the tokens of a text become one vector; else the mean.</summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>Whether vectors are divided by their length; else not.</summary>
    public bool? Normalize { get; init; }

    /// <summary>How many of a vector's first components are kept, for models that were trained for it (Matryoshka); null for all. Normalization follows.</summary>
    public int? Dimensions { get; init; }
}
