using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>BERT (arXiv 1810.04805) in any size: TinyBERT and MiniLM have the same graph. The defaults are BERT-base's.</summary>
public sealed record BertConfiguration : ModelConfiguration
{
    internal static readonly ConfigurationLayout Fields = new("bert", "Bert") { ClassifierDropout = ("classifier_dropout", null) };
    private readonly string? _unsupported;

    /// <summary>A configuration with the defaults, to be changed by an initializer.</summary>
    public BertConfiguration()
        : this(ConfigurationFields.None)
    {
    }

    internal BertConfiguration(ConfigurationFields fields)
        : base(Fields, fields)
    {
        // Fields of other graphs under the same model type: to ignore them would give wrong numbers.
        _unsupported = fields.Flag("is_decoder", false) ? "is_decoder"
            : fields.Flag("add_cross_attention", false) ? "add_cross_attention"
            : fields.Text("position_embedding_type") is not (null or "absolute") ? "position_embedding_type"
            : null;
    }

    private protected override void CheckValues(ConfigurationChecks check)
    {
        base.CheckValues(check);
        if (_unsupported is { } field)
            throw check.Error(field, "asks for a decoder or relative positions; only encoders with absolute positions are supported");
    }
}
