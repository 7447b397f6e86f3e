using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>The configuration of DistilBERT (arXiv 1910.01108). The defaults are those of the published base model.</summary>
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

    /// <summary>Creates a configuration with the default values, which an object initializer can change.</summary>
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

    /// <summary>
    /// Whether the position embeddings were initialized with sines and cosines ("sinusoidal_pos_embds"; default false). The checkpoint
    /// stores the embeddings in either case.
    /// </summary>
    public bool SinusoidalPositions { get; init; }

    /// <summary>
    /// Dropout probability before the question-answering head, 0 to 1 ("qa_dropout"; default 0.1). Used in training only.
    /// </summary>
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
