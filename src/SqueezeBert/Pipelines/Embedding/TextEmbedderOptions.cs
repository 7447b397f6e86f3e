using SqueezeBert.Checkpoints;

namespace SqueezeBert;

/// <summary>
/// How a <see cref="TextEmbedder"/> makes vectors. What is null is as the sentence-transformers folder says, else as noted. A long text
/// is truncated where <see cref="PipelineOptions.Reading"/> does not say otherwise. Windows overlap by half, each behind the whole prompt
/// if there is one; the vector is the mean of theirs, weighted by the tokens that each window adds, and is normalized as a whole. The
/// reference truncates.
/// </summary>
public sealed record TextEmbedderOptions : PipelineOptions
{
    /// <summary>How the tokens of a text become one vector; else the mean, but for an ONNX file, where it must be said.</summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>Whether vectors are divided by their length; else not.</summary>
    public bool? Normalize { get; init; }

    /// <summary>
    /// How many of a vector's first components are kept, for models that were trained for it (Matryoshka); null for all. Normalization
    /// follows.
    /// </summary>
    public int? Dimensions { get; init; }
}
