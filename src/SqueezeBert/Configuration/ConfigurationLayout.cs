using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>How an architecture calls the fields that all of them have, and the defaults of transformers' configuration class.</summary>
/// <param name="ModelType">The field "model_type".</param>
/// <param name="ArchitectureName">What the names of its classes begin with.</param>
/// <param name="Create">Reads a configuration.</param>
internal sealed record ConfigurationLayout(
    string ModelType, string ArchitectureName, Func<ConfigurationFields, ModelConfiguration> Create)
{
    /// <summary>Said behind the model type where the supported ones are listed.</summary>
    public string? Remark { get; init; }

    /// <summary>Another beginning of class names in old files.</summary>
    public string? OldArchitectureName { get; init; }

    /// <summary>Whether a layer has another width than the hidden states, which its heads must divide instead.</summary>
    public bool HasInnerWidth { get; init; }

    /// <summary>Whether layers may have fewer heads than the configuration says, which "pruned_heads" then tells.</summary>
    public bool HasPrunedHeads { get; init; }

    public (string Name, int Missing) VocabularySize { get; init; } = ("vocab_size", 30522);

    public (string Name, int Missing) HiddenSize { get; init; } = ("hidden_size", 768);

    /// <summary>No name where the embeddings always have the hidden size; no default where that is the default.</summary>
    public (string? Name, int? Missing) EmbeddingSize { get; init; }

    public (string Name, int Missing) LayerCount { get; init; } = ("num_hidden_layers", 12);

    public (string Name, int Missing) HeadCount { get; init; } = ("num_attention_heads", 12);

    public (string Name, int Missing) IntermediateSize { get; init; } = ("intermediate_size", 3072);

    public (string Name, Activation Missing) HiddenActivation { get; init; } = ("hidden_act", Activation.Gelu);

    public (string Name, double Missing) HiddenDropout { get; init; } = ("hidden_dropout_prob", 0.1);

    public (string Name, double Missing) AttentionDropout { get; init; } = ("attention_probs_dropout_prob", 0.1);

    public (string? Name, double? Missing) ClassifierDropout { get; init; }

    /// <summary>No name where there are no token types.</summary>
    public string? TypeVocabularySize { get; init; } = "type_vocab_size";

    public string? LayerNormEpsilon { get; init; } = "layer_norm_eps";
}
