using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// The configuration of a static embedding model (Model2Vec, potion, or StaticEmbedding of sentence-transformers). Such a model has one
/// vector per token, and the vector of a text is the mean of its tokens' vectors. Its config.json does not give the size of the table.
/// <see cref="ModelFolder"/> takes the size from the weights, while a configuration that is read alone has default values for missing
/// fields.
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

    /// <summary>Creates a configuration with the default values, which an object initializer can change.</summary>
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

    /// <summary>Whether the vector of a text is divided by its length. Null means that only the modules beside the model say so.</summary>
    public bool? Normalize { get; init; }

    /// <summary>
    /// Whether tokens that are unknown to the vocabulary are left out of the mean ("drop_unknown_tokens"; default true). Model2Vec leaves
    /// them out, and sentence-transformers does not. The field belongs to this library.
    /// </summary>
    public bool DropsUnknownTokens { get; init; }

    /// <summary>
    /// The number of rows of the table when several tokens share a row through a mapping, 1 to 2^24. Null means one row per token.
    /// </summary>
    public int? TableRows { get; init; }

    /// <summary>
    /// Whether each token has a weight besides its row. This is determined from the weights; config.json has no such field.
    /// </summary>
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
