using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>How an architecture calls the fields that all of them have, and the defaults of transformers' configuration class.</summary>
internal sealed record ConfigurationLayout(string ModelType, string ArchitectureName)
{
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
