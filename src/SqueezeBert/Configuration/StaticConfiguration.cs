using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A static embedding model (Model2Vec, potion, the StaticEmbedding of sentence-transformers): one vector for each token, whose mean is
/// the vector of a text. Its config.json does not say how large the table is. <see cref="ModelFolder"/> takes that from the weights; a
/// configuration that is read alone has the defaults where the file says nothing.
/// </summary>
public sealed record StaticConfiguration : ModelConfiguration
{
    internal const string NormalizeField = "normalize";
    internal const string TableRowsField = "vocabulary_quantization";
    private const string UnknownField = "drop_unknown_tokens";

    internal static readonly ConfigurationLayout Fields = new("model2vec", "Static", fields => new StaticConfiguration(fields))
    {
        Remark = "Model2Vec, potion",
        HiddenSize = ("hidden_dim", 256),
        LayerCount = ("num_hidden_layers", 0),
        HeadCount = ("num_attention_heads", 1),
        IntermediateSize = ("intermediate_size", 1),
        TypeVocabularySize = null,
        LayerNormEpsilon = null,
    };

    /// <summary>A configuration with the defaults, to be changed by an initializer.</summary>
    public StaticConfiguration()
        : this(ConfigurationFields.None)
    {
    }

    internal StaticConfiguration(ConfigurationFields fields)
        : base(Fields, fields)
    {
        // Nothing of a layer and no position: what a file says of them would not be read by the reference either.
        (LayerCount, HeadCount, IntermediateSize, PadTokenId) = (0, 1, 1, 0);
        (HiddenDropout, AttentionDropout) = (0, 0);
        MaxPositionEmbeddings = 1 << 20;
        Normalize = fields.NullableFlag(NormalizeField);
        DropsUnknownTokens = fields.Flag(UnknownField, true);
        var rows = fields.Integer(TableRowsField, 0);
        TableRows = rows == 0 ? null : rows;
    }

    /// <summary>Whether a text's vector is divided by its length; null where only the modules beside the model say so.</summary>
    public bool? Normalize { get; init; }

    /// <summary>
    /// Whether tokens that the vocabulary cannot spell are left out of the mean. Model2Vec does so, sentence-transformers does not. It is a
    /// field of this library's, "drop_unknown_tokens"; true where a file does not have it.
    /// </summary>
    public bool DropsUnknownTokens { get; init; }

    /// <summary>Rows of the table where tokens share them by a mapping; null: one row a token.</summary>
    public int? TableRows { get; init; }

    /// <summary>Whether each token has a weight beside its row. Known from the weights, and not a field of the file.</summary>
    public bool HasTokenWeights { get; init; }

    private protected override void CheckValues(ConfigurationChecks check)
    {
        base.CheckValues(check);
        if (TableRows is { } rows) check.Range(TableRowsField, rows, 1, 1 << 24);
    }

    private protected override void WriteFields(JsonObject json)
    {
        json["model_type"] = ModelType;
        json["architectures"] = new JsonArray([.. Architectures.Select(name => JsonValue.Create(name))]);
        json[Layout.VocabularySize.Name] = VocabularySize;
        json[Layout.HiddenSize.Name] = HiddenSize;
        if (Normalize is { } normalize) json[NormalizeField] = normalize;
        if (!DropsUnknownTokens) json[UnknownField] = false;
        if (TableRows is { } rows) json[TableRowsField] = rows;
    }
}
