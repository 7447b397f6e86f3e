using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>
/// The names that an architecture uses for the common fields, and the defaults of its configuration class in transformers.
/// </summary>
/// <param name="ModelType">The value of the field "model_type".</param>
/// <param name="ArchitectureName">The beginning of the names of its classes.</param>
/// <param name="Create">Creates a configuration from fields.</param>
internal sealed record ConfigurationLayout(
    string ModelType, string ArchitectureName, Func<ConfigurationFields, ModelConfiguration> Create)
{
    /// <summary>A remark that follows the model type in the list of supported types.</summary>
    public string? Remark { get; init; }

    /// <summary>An alternative beginning of class names, in old files.</summary>
    public string? OldArchitectureName { get; init; }

    /// <summary>Whether a layer may have another width than the hidden states. The heads must then divide that width.</summary>
    public bool HasInnerWidth { get; init; }

    /// <summary>Whether layers may have fewer heads than the configuration gives, as listed in "pruned_heads".</summary>
    public bool HasPrunedHeads { get; init; }

    public (string Name, int Missing) VocabularySize { get; init; } = ("vocab_size", 30522);

    public (string Name, int Missing) HiddenSize { get; init; } = ("hidden_size", 768);

    /// <summary>
    /// The name of the field, or null if the embeddings always have the hidden size; and its default, or null if that is the hidden size.
    /// </summary>
    public (string? Name, int? Missing) EmbeddingSize { get; init; }

    public (string Name, int Missing) LayerCount { get; init; } = ("num_hidden_layers", 12);

    public (string Name, int Missing) HeadCount { get; init; } = ("num_attention_heads", 12);

    public (string Name, int Missing) IntermediateSize { get; init; } = ("intermediate_size", 3072);

    public (string Name, Activation Missing) HiddenActivation { get; init; } = ("hidden_act", Activation.Gelu);

    public (string Name, double Missing) HiddenDropout { get; init; } = ("hidden_dropout_prob", 0.1);

    public (string Name, double Missing) AttentionDropout { get; init; } = ("attention_probs_dropout_prob", 0.1);

    public (string? Name, double? Missing) ClassifierDropout { get; init; }

    /// <summary>The name of the field, or null if there are no token types.</summary>
    public string? TypeVocabularySize { get; init; } = "type_vocab_size";

    public string? LayerNormEpsilon { get; init; } = "layer_norm_eps";
}
