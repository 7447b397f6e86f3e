using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// The configuration of ELECTRA (arXiv 2003.10555) discriminators and generators. The defaults are those of the published small
/// discriminator.
/// </summary>
public sealed record ElectraConfiguration : ModelConfiguration
{
    internal static readonly ConfigurationLayout Fields = new("electra", "Electra", fields => new ElectraConfiguration(fields))
    {
        HasPrunedHeads = true,
        HiddenSize = ("hidden_size", 256),
        EmbeddingSize = ("embedding_size", 128),
        HeadCount = ("num_attention_heads", 4),
        IntermediateSize = ("intermediate_size", 1024),
        ClassifierDropout = ("classifier_dropout", null),
    };

    private readonly string? _unsupported;

    /// <summary>Creates a configuration with the default values, which an object initializer can change.</summary>
    public ElectraConfiguration()
        : this(ConfigurationFields.None)
    {
    }

    internal ElectraConfiguration(ConfigurationFields fields)
        : base(Fields, fields)
    {
        _unsupported = fields.FieldOfAnotherGraph();
    }

    private protected override void CheckValues(ConfigurationChecks check)
    {
        base.CheckValues(check);
        check.EncoderWithPositions(_unsupported);
    }
}
