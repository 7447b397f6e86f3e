using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// The configuration of BERT (arXiv 1810.04805) in any size. TinyBERT and MiniLM use the same graph. The defaults are those of BERT-base.
/// </summary>
public sealed record BertConfiguration : ModelConfiguration
{
    internal static readonly ConfigurationLayout Fields = new("bert", "Bert", fields => new BertConfiguration(fields))
    {
        Remark = "TinyBERT and every other size of BERT included",
        OldArchitectureName = "TinyBert",
        HasPrunedHeads = true,
        ClassifierDropout = ("classifier_dropout", null),
    };

    private readonly string? _unsupported;

    /// <summary>Creates a configuration with the default values, which an object initializer can change.</summary>
    public BertConfiguration()
        : this(ConfigurationFields.None)
    {
    }

    internal BertConfiguration(ConfigurationFields fields)
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
