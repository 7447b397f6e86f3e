using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>BERT (arXiv 1810.04805) in any size: TinyBERT and MiniLM have the same graph. The defaults are BERT-base's.</summary>
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

    /// <summary>A configuration with the defaults, to be changed by an initializer.</summary>
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
