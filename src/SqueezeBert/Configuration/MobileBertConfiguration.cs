using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>The configuration of MobileBERT (arXiv 2004.02984). The defaults are those of the published model.</summary>
public sealed record MobileBertConfiguration : ModelConfiguration
{
    internal static readonly ConfigurationLayout Fields = new("mobilebert", "MobileBert", fields => new MobileBertConfiguration(fields))
    {
        HasInnerWidth = true,
        HiddenSize = ("hidden_size", 512),
        EmbeddingSize = ("embedding_size", 128),
        LayerCount = ("num_hidden_layers", 24),
        HeadCount = ("num_attention_heads", 4),
        IntermediateSize = ("intermediate_size", 512),
        HiddenActivation = ("hidden_act", Activation.Relu),
        HiddenDropout = ("hidden_dropout_prob", 0.0),
        ClassifierDropout = ("classifier_dropout", null),
    };

    /// <summary>Creates a configuration with the default values, which an object initializer can change.</summary>
    public MobileBertConfiguration()
        : this(ConfigurationFields.None)
    {
    }

    internal MobileBertConfiguration(ConfigurationFields fields)
        : base(Fields, fields)
    {
        TrigramInput = fields.Flag("trigram_input", true);
        UseBottleneck = fields.Flag("use_bottleneck", true);
        IntraBottleneckSize = fields.Integer("intra_bottleneck_size", 128);
        UseBottleneckAttention = fields.Flag("use_bottleneck_attention", false);
        KeyQuerySharedBottleneck = fields.Flag("key_query_shared_bottleneck", true);
        FeedForwardCount = fields.Integer("num_feedforward_networks", 4);
        NormalizationType = fields.Text("normalization_type") ?? "no_norm";
        ClassifierActivation = fields.Flag("classifier_activation", true);
    }

    /// <summary>
    /// Whether a token's embedding is concatenated with the embeddings of its two neighbours ("trigram_input"; default true).
    /// </summary>
    public bool TrigramInput { get; init; }

    /// <summary>
    /// Whether each layer computes in <see cref="IntraBottleneckSize"/> channels, between a linear layer that narrows its input and one
    /// that widens its output ("use_bottleneck"; default true).
    /// </summary>
    public bool UseBottleneck { get; init; }

    /// <summary>The number of channels inside a layer with bottlenecks, 1 to 65,536 ("intra_bottleneck_size"; default 128).</summary>
    public int IntraBottleneckSize { get; init; }

    /// <summary>
    /// Whether query, key and value all read the narrowed input of the layer ("use_bottleneck_attention"; default false).
    /// </summary>
    public bool UseBottleneckAttention { get; init; }

    /// <summary>
    /// Whether query and key read a bottleneck of their own, which they share ("key_query_shared_bottleneck"; default true).
    /// </summary>
    public bool KeyQuerySharedBottleneck { get; init; }

    /// <summary>
    /// The number of feed-forward networks in a layer, applied one after another; 1 to 64 ("num_feedforward_networks"; default 4).
    /// </summary>
    public int FeedForwardCount { get; init; }

    /// <summary>The normalization: "no_norm" (scale and shift only, the default) or "layer_norm" ("normalization_type").</summary>
    public string NormalizationType { get; init; }

    /// <summary>
    /// Whether the pooler is a linear layer with tanh ("classifier_activation"; default true). Otherwise the pooled output is the hidden
    /// state of the first token.
    /// </summary>
    public bool ClassifierActivation { get; init; }

    /// <summary>
    /// The number of channels inside a layer: <see cref="IntraBottleneckSize"/> with bottlenecks, otherwise the hidden size
    /// ("true_hidden_size").
    /// </summary>
    public int TrueHiddenSize => UseBottleneck ? IntraBottleneckSize : HiddenSize;

    private protected override void CheckValues(ConfigurationChecks check)
    {
        base.CheckValues(check);
        check.Range("intra_bottleneck_size", IntraBottleneckSize, 1, 1 << 16);
        check.Range("num_feedforward_networks", FeedForwardCount, 1, 64);
        check.Divisible(UseBottleneck ? "intra_bottleneck_size" : "hidden_size", TrueHiddenSize, "num_attention_heads", HeadCount);
        if (NormalizationType is not ("no_norm" or "layer_norm"))
            throw check.Error("normalization_type", $"is '{NormalizationType}'; it must be no_norm or layer_norm");
    }

    private protected override void WriteFields(JsonObject json)
    {
        base.WriteFields(json);
        json["trigram_input"] = TrigramInput;
        json["use_bottleneck"] = UseBottleneck;
        json["intra_bottleneck_size"] = IntraBottleneckSize;
        json["use_bottleneck_attention"] = UseBottleneckAttention;
        json["key_query_shared_bottleneck"] = KeyQuerySharedBottleneck;
        json["num_feedforward_networks"] = FeedForwardCount;
        json["normalization_type"] = NormalizationType;
        json["classifier_activation"] = ClassifierActivation;
        json["true_hidden_size"] = TrueHiddenSize;
    }
}
