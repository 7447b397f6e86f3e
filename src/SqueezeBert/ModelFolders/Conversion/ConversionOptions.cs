using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Conversion;

/// <summary>The options of a conversion besides its source. A value that contradicts the files of the source is an error.</summary>
internal sealed record ConversionOptions
{
    /// <summary>
    /// The type of the stored elements: <see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/>,
    /// <see cref="TensorType.BFloat16"/>, or <see cref="TensorType.Int8"/> for the weights of linear layers.
    /// </summary>
    public TensorType Precision { get; init; } = TensorType.Float32;

    /// <summary>The number format of embedding tables, if linear layers are stored in int8.</summary>
    public TablePrecision Tables { get; init; }

    /// <summary>
    /// Models of the source's shape, with which its weights are averaged. They should have been trained from the same start.
    /// </summary>
    public IReadOnlyList<string> AverageWith { get; init; } = [];

    /// <summary>The options of an ONNX file. Null writes safetensors. The pooling and normalization are those of the conversion.</summary>
    public OnnxOptions? Onnx { get; init; }

    /// <summary>How tokens are combined into a vector, if there is no modules.json. Null means that it is not given.</summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>Whether vectors are divided by their length, if there is no modules.json.</summary>
    public bool Normalize { get; init; }

    /// <summary>Whether an encoder without pooling is written although it comes from an ONNX file that may be a sentence encoder.</summary>
    public bool IsBareEncoder { get; init; }

    /// <summary>
    /// The largest number of tokens of a text, if sentence_bert_config.json does not give it. Null means that it is not given.
    /// </summary>
    public int? MaxLength { get; init; }

    /// <summary>Whether the tokenizer converts text to lower case, if its files do not say so. Null means that it is not given.</summary>
    public bool? LowerCase { get; init; }

    /// <summary>The prompts by name, in addition to those of the source.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();
}

/// <summary>The result of a conversion.</summary>
/// <param name="Configuration">The configuration of the model.</param>
/// <param name="ParameterCount">The number of elements of all parameters.</param>
/// <param name="Origins">One line for each part: what it is and where it was taken from.</param>
internal sealed record ConversionReport(ModelConfiguration Configuration, long ParameterCount, IReadOnlyList<string> Origins);
