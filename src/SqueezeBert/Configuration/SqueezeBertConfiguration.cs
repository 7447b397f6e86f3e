using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// The configuration of SqueezeBERT (arXiv 2006.11316). The defaults are those of the published base model, except for the vocabulary size:
/// 30,522 here, 30,528 in the published files.
/// </summary>
public sealed record SqueezeBertConfiguration : ModelConfiguration
{
    internal static readonly ConfigurationLayout Fields = new("squeezebert", "SqueezeBert", fields => new SqueezeBertConfiguration(fields))
    {
        EmbeddingSize = ("embedding_size", null),
    };


    /// <summary>Creates a configuration with the default values, which an object initializer can change.</summary>
    public SqueezeBertConfiguration()
        : this(ConfigurationFields.None)
    {
    }

    internal SqueezeBertConfiguration(ConfigurationFields fields)
        : base(Fields, fields)
    {
        QueryGroups = fields.Integer("q_groups", 4);
        KeyGroups = fields.Integer("k_groups", 4);
        ValueGroups = fields.Integer("v_groups", 4);
        PostAttentionGroups = fields.Integer("post_attention_groups", 1);
        IntermediateGroups = fields.Integer("intermediate_groups", 4);
        OutputGroups = fields.Integer("output_groups", 4);
    }

    /// <summary>
    /// The number of groups of the attention's query convolution ("q_groups"; default 4). It must divide the hidden size.
    /// </summary>
    public int QueryGroups { get; init; }

    /// <summary>The number of groups of the attention's key convolution ("k_groups"; default 4). It must divide the hidden size.</summary>
    public int KeyGroups { get; init; }

    /// <summary>
    /// The number of groups of the attention's value convolution ("v_groups"; default 4). It must divide the hidden size.
    /// </summary>
    public int ValueGroups { get; init; }

    /// <summary>
    /// The number of groups of the convolution after the attention ("post_attention_groups"; default 1). It must divide the hidden size.
    /// </summary>
    public int PostAttentionGroups { get; init; }

    /// <summary>
    /// The number of groups of the feed-forward network's first convolution ("intermediate_groups"; default 4). It must divide the hidden
    /// size and the intermediate size.
    /// </summary>
    public int IntermediateGroups { get; init; }

    /// <summary>
    /// The number of groups of the feed-forward network's second convolution ("output_groups"; default 4). It must divide the hidden size
    /// and the intermediate size.
    /// </summary>
    public int OutputGroups { get; init; }

    private protected override void CheckValues(ConfigurationChecks check)
    {
        base.CheckValues(check);
        check.Groups("q_groups", QueryGroups, ("hidden_size", HiddenSize));
        check.Groups("k_groups", KeyGroups, ("hidden_size", HiddenSize));
        check.Groups("v_groups", ValueGroups, ("hidden_size", HiddenSize));
        check.Groups("post_attention_groups", PostAttentionGroups, ("hidden_size", HiddenSize));
        check.Groups("intermediate_groups", IntermediateGroups, ("hidden_size", HiddenSize), ("intermediate_size", IntermediateSize));
        check.Groups("output_groups", OutputGroups, ("hidden_size", HiddenSize), ("intermediate_size", IntermediateSize));
    }

    private protected override void WriteFields(JsonObject json)
    {
        base.WriteFields(json);
        json["q_groups"] = QueryGroups;
        json["k_groups"] = KeyGroups;
        json["v_groups"] = ValueGroups;
        json["post_attention_groups"] = PostAttentionGroups;
        json["intermediate_groups"] = IntermediateGroups;
        json["output_groups"] = OutputGroups;
    }
}
