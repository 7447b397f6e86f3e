namespace SqueezeBert.Checkpoints;

/// <summary>How a model is exported to an ONNX file. Immutable.</summary>
public sealed record OnnxOptions
{
    /// <summary>The oldest operator set that can be written.</summary>
    public const int MinOperatorSet = 11;

    /// <summary>The newest operator set that can be written.</summary>
    public const int MaxOperatorSet = 20;

    internal static readonly OnnxOptions Default = new();

    /// <summary>
    /// The version of the standard operator set, <see cref="MinOperatorSet"/> to <see cref="MaxOperatorSet"/> (default 12). 12 is the
    /// newest version for which ONNX Runtime's optimizer replaces the attention by a single operator. All current runtimes can read it.
    /// </summary>
    public int OperatorSet { get; init; } = 12;

    /// <summary>
    /// The largest size of the file in bytes, zero or more (default 2,147,483,647). If the file would be larger, its weights are stored in
    /// a second file, whose name has ".data" appended. 0 always does so. The default is the limit of the format, which allows no ONNX file
    /// of 2 GB or more.
    /// </summary>
    public long ExternalDataThreshold { get; init; } = int.MaxValue;

    /// <summary>
    /// How the hidden states of a text become one vector, for models without a head. Null uses the pooling of the folder's modules.json.
    /// Without modules.json, the file has no pooling.
    /// </summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>
    /// Whether the vector is divided by its length. Null uses the setting of the folder's modules.json. Without modules.json, the vector is
    /// not normalized.
    /// </summary>
    public bool? Normalize { get; init; }
}
