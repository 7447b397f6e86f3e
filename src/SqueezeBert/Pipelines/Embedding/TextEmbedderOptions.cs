using SqueezeBert.Checkpoints;

namespace SqueezeBert;

/// <summary>
/// How a <see cref="TextEmbedder"/> makes vectors. Members that are null are taken from the sentence-transformers folder, or have the
/// default that they note. A long text is truncated unless <see cref="PipelineOptions.Reading"/> says otherwise; the reference always
/// truncates. Windows overlap by half, and each follows the whole prompt if there is one. The vector of the text is the mean of the
/// windows' vectors, weighted by the tokens that each window adds, and is normalized afterwards.
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
