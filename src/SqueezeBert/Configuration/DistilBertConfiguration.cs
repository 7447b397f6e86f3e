using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>DistilBERT (arXiv 1910.01108). The defaults are the published base model's.</summary>
public sealed record DistilBertConfiguration : ModelConfiguration
{
    internal static readonly ConfigurationLayout Fields = new("distilbert", "DistilBert", fields => new DistilBertConfiguration(fields))
    {
        HasPrunedHeads = true,
        HiddenSize = ("dim", 768),
        LayerCount = ("n_layers", 6),
        HeadCount = ("n_heads", 12),
        IntermediateSize = ("hidden_dim", 3072),
        HiddenActivation = ("activation", Activation.Gelu),
        HiddenDropout = ("dropout", 0.1),
        AttentionDropout = ("attention_dropout", 0.1),
        ClassifierDropout = ("seq_classif_dropout", 0.2),
        TypeVocabularySize = null,
        LayerNormEpsilon = null,
    };

    /// <summary>A configuration with the defaults, to be changed by an initializer.</summary>
    public DistilBertConfiguration()
        : this(ConfigurationFields.None)
    {
    }

    internal DistilBertConfiguration(ConfigurationFields fields)
        : base(Fields, fields)
    {
        SinusoidalPositions = fields.Flag("sinusoidal_pos_embds", false);
        QuestionAnsweringDropout = fields.Number("qa_dropout", 0.1);
    }

    /// <summary>Whether the position embeddings began as sines and cosines; the checkpoint holds them in either case.</summary>
    public bool SinusoidalPositions { get; init; }

    /// <summary>Probability in 0..1 before the question answering head, used in training only.</summary>
    public double QuestionAnsweringDropout { get; init; }

    private protected override void CheckValues(ConfigurationChecks check)
    {
        base.CheckValues(check);
        check.Probability("qa_dropout", QuestionAnsweringDropout);
        if (ClassifierDropout is null) throw check.Error("seq_classif_dropout", "is missing; it must be 0 to 1");
    }

    private protected override void WriteFields(JsonObject json)
    {
        base.WriteFields(json);
        json["sinusoidal_pos_embds"] = SinusoidalPositions;
        json["qa_dropout"] = Number(QuestionAnsweringDropout);
    }
}
