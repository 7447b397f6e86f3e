using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Conversion;

/// <summary>What a conversion is told beside its source. A value that the source's own files contradict is an error.</summary>
internal sealed record ConversionOptions
{
    /// <summary>
    /// Type of the numbers that are written: <see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/> or
    /// <see cref="TensorType.BFloat16"/>.
    /// </summary>
    public TensorType Precision { get; init; } = TensorType.Float32;

    /// <summary>How an ONNX file is written; null: safetensors. Its pooling and normalization are those of the conversion.</summary>
    public OnnxOptions? Onnx { get; init; }

    /// <summary>How tokens become a vector, where no modules.json says it; null: not given.</summary>
    public SentencePooling? Pooling { get; init; }

    /// <summary>Whether vectors are divided by their length, where no modules.json says it.</summary>
    public bool Normalize { get; init; }

    /// <summary>Writes an encoder without a pooling though it comes from an ONNX file that may be a sentence encoder.</summary>
    public bool IsBareEncoder { get; init; }

    /// <summary>Tokens of a text at most, where sentence_bert_config.json does not say it; null: not given.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Whether the tokenizer makes text lower case, where its files do not say it; null: not given.</summary>
    public bool? LowerCase { get; init; }

    /// <summary>Texts to put before an input by their name, beside those that the source has.</summary>
    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();
}

/// <summary>What a conversion wrote.</summary>
/// <param name="Configuration">The model's.</param>
/// <param name="ParameterCount">Elements of all parameters.</param>
/// <param name="Origins">A line for each thing: what it is and what it was taken from.</param>
internal sealed record ConversionReport(ModelConfiguration Configuration, long ParameterCount, IReadOnlyList<string> Origins);
