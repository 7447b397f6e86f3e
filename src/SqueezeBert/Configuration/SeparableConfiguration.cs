using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// The configuration of a SqueezeBERT with depthwise separable, multi-scale convolutions and a factorized embedding. transformers has no
/// class for it. The defaults are those of the full model, which has 9,841,920 parameters.
/// </summary>
public sealed record SeparableConfiguration : ModelConfiguration
{
    internal static readonly ConfigurationLayout Fields = new(
        "squeezebert-separable", "SqueezeBertSeparable", fields => new SeparableConfiguration(fields))
    {
        VocabularySize = ("vocab_size", 30528),
        HiddenSize = ("hidden_size", 384),
        EmbeddingSize = ("embedding_size", 128),
        LayerCount = ("num_hidden_layers", 8),
        IntermediateSize = ("intermediate_size", 1536),
    };

    /// <summary>Creates a configuration with the default values, which an object initializer can change.</summary>
    public SeparableConfiguration()
        : this(ConfigurationFields.None)
    {
    }

    internal SeparableConfiguration(ConfigurationFields fields)
        : base(Fields, fields)
    {
        QueryGroups = fields.Integer("q_groups", 4);
        KeyGroups = fields.Integer("k_groups", 4);
        ValueGroups = fields.Integer("v_groups", 4);
        PostAttentionGroups = fields.Integer("post_attention_groups", 1);
        IntermediateGroups = fields.Integer("intermediate_groups", 4);
        OutputGroups = fields.Integer("output_groups", 4);
        ConvolutionKernelSizes = fields.Integers("convolution_kernel_sizes", [3, 5, 7]);
        ConvolutionGroups = fields.Integer("convolution_groups", 1);
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

    /// <summary>
    /// The kernel sizes of the depthwise convolutions ("convolution_kernel_sizes"; default 3, 5 and 7): 1 to 64 odd numbers from 1 to 255.
    /// The channels are divided equally among them.
    /// </summary>
    public IReadOnlyList<int> ConvolutionKernelSizes { get; init; }

    /// <summary>
    /// The number of groups of the pointwise convolution after the depthwise convolutions ("convolution_groups"; default 1). It must divide
    /// the hidden size.
    /// </summary>
    public int ConvolutionGroups { get; init; }

    private protected override void CheckValues(ConfigurationChecks check)
    {
        base.CheckValues(check);
        check.Groups("q_groups", QueryGroups, ("hidden_size", HiddenSize));
        check.Groups("k_groups", KeyGroups, ("hidden_size", HiddenSize));
        check.Groups("v_groups", ValueGroups, ("hidden_size", HiddenSize));
        check.Groups("post_attention_groups", PostAttentionGroups, ("hidden_size", HiddenSize));
        check.Groups("intermediate_groups", IntermediateGroups, ("hidden_size", HiddenSize), ("intermediate_size", IntermediateSize));
        check.Groups("output_groups", OutputGroups, ("hidden_size", HiddenSize), ("intermediate_size", IntermediateSize));
        check.Groups("convolution_groups", ConvolutionGroups, ("hidden_size", HiddenSize));
        const string Kernels = "convolution_kernel_sizes";
        if (ConvolutionKernelSizes.Count is 0 or > 64)
            throw check.Error(Kernels, $"has {ConvolutionKernelSizes.Count} sizes; there must be 1 to 64");
        if (HiddenSize % ConvolutionKernelSizes.Count != 0)
            throw check.Error(Kernels,
                $"has {ConvolutionKernelSizes.Count} sizes, which does not divide 'hidden_size' ({HiddenSize}); change one of them");
        foreach (var size in ConvolutionKernelSizes)
            if (size is < 1 or > 255 || size % 2 == 0) throw check.Error(Kernels, $"has a size of {size}; sizes must be odd, 1 to 255");
    }

    private protected override void WriteFields(JsonObject json)
    {
        base.WriteFields(json);
        json["convolution_kernel_sizes"] = new JsonArray([.. ConvolutionKernelSizes.Select(size => JsonValue.Create(size))]);
        json["convolution_groups"] = ConvolutionGroups;
        json["q_groups"] = QueryGroups;
        json["k_groups"] = KeyGroups;
        json["v_groups"] = ValueGroups;
        json["post_attention_groups"] = PostAttentionGroups;
        json["intermediate_groups"] = IntermediateGroups;
        json["output_groups"] = OutputGroups;
    }
}
