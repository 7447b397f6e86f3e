namespace SqueezeBert.Checkpoints;

/// <summary>How a model is written as an ONNX file. Immutable.</summary>
public sealed record OnnxOptions
{
    /// <summary>The oldest operator set that can be written.</summary>
    public const int MinOperatorSet = 11;

    /// <summary>The newest operator set that can be written.</summary>
    public const int MaxOperatorSet = 20;

    internal static readonly OnnxOptions Default = new();

    /// <summary>
    /// Version of the standard operators, <see cref="MinOperatorSet"/> to <see cref="MaxOperatorSet"/>. 12 is the newest whose attention
    /// ONNX Runtime's optimizer replaces by one operator; every runtime of today reads it.
    /// </summary>
    public int OperatorSet { get; init; } = 12;

    /// <summary>
    /// Bytes that the file may have. One that would be larger has its weights in a file beside it, with ".data" behind its name; 0 puts
    /// them there always. No ONNX file can have 2 GB or more, the default.
    /// </summary>
    public long ExternalDataThreshold { get; init; } = int.MaxValue;

    /// <summary>
    /// How the hidden states of a text become one vector; null: as the folder's modules.json says, and not at all without one. For models
    /// without a head.
    /// </summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>Whether the vector is divided by its length; null: as the folder's modules.json says, else no.</summary>
    public bool? Normalize { get; init; }
}
