using SqueezeBert.Checkpoints;

namespace SqueezeBert;

/// <summary>
/// How a <see cref="TextEmbedder"/> makes vectors. Members that are null take their value from the sentence-transformers folder, or have
/// the default that they document. A long text is truncated unless <see cref="PipelineOptions.Reading"/> says otherwise; the reference
/// always truncates. With windows, the windows overlap by half, and each begins with the whole prompt, if there is one. The vector of the
/// text is the mean of its windows' vectors, weighted by the number of tokens that each window adds. It is normalized after that.
/// </summary>
public sealed record TextEmbedderOptions : PipelineOptions
{
    /// <summary>
    /// How the tokens of a text are combined into one vector. Without a folder setting the default is the mean, except for an ONNX file,
    /// where the pooling is required.
    /// </summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>Whether vectors are divided by their length. Without a folder setting they are not.</summary>
    public bool? Normalize { get; init; }

    /// <summary>
    /// The number of leading components of each vector that are kept, 1 to the hidden size of the model. It is meant for models that were
    /// trained for shorter vectors (Matryoshka). Vectors are normalized after they are shortened. Null keeps all components.
    /// </summary>
    public int? Dimensions { get; init; }
}
