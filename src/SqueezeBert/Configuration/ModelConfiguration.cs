using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A model's config.json: its architecture, sizes and labels. Read from a file, where missing fields have the defaults of transformers
/// and unknown fields are kept, or described in code; <c>with</c> makes a changed copy. Immutable.
/// </summary>
public abstract partial record ModelConfiguration
{
    /// <summary>Most labels that a classifier may have.</summary>
    internal const int MaxLabels = 100_000;

    internal const string FileName = "config.json";
    internal const string CalibrationField = "calibration_temperature";
    private readonly ConfigurationLayout _layout;
    private readonly int? _embeddingSize;
    private readonly IReadOnlyList<string> _labels;
    private readonly InvalidModelFileException? _labelProblem;
    private readonly IReadOnlyList<HeadConfiguration> _namedHeads;
    private readonly IReadOnlyDictionary<int, IReadOnlyList<int>> _prunedHeads;

    private protected ModelConfiguration(ConfigurationLayout layout, ConfigurationFields fields)
    {
        _layout = layout;
        Source = ReferenceEquals(fields, ConfigurationFields.None) ? null : fields.Json;
        Architectures = fields.Texts("architectures");
        VocabularySize = fields.Integer(layout.VocabularySize.Name, layout.VocabularySize.Missing);
        HiddenSize = fields.Integer(layout.HiddenSize.Name, layout.HiddenSize.Missing);
        if (layout.EmbeddingSize.Name is { } embedding)
        {
            var size = fields.Integer(embedding, layout.EmbeddingSize.Missing ?? -1);
            _embeddingSize = size == -1 ? null : size;
        }

        LayerCount = fields.Integer(layout.LayerCount.Name, layout.LayerCount.Missing);
        HeadCount = fields.Integer(layout.HeadCount.Name, layout.HeadCount.Missing);
        _prunedHeads = layout.HasPrunedHeads ? HeadPruning.Read(fields) : HeadPruning.None;
        IntermediateSize = fields.Integer(layout.IntermediateSize.Name, layout.IntermediateSize.Missing);
        HiddenActivation = fields.Activation(layout.HiddenActivation.Name, layout.HiddenActivation.Missing);
        HiddenDropout = fields.Number(layout.HiddenDropout.Name, layout.HiddenDropout.Missing);
        AttentionDropout = fields.Number(layout.AttentionDropout.Name, layout.AttentionDropout.Missing);
        ClassifierDropout = layout.ClassifierDropout.Name is { } dropout
            ? fields.NullableNumber(dropout) ?? layout.ClassifierDropout.Missing : null;
        MaxPositionEmbeddings = fields.Integer("max_position_embeddings", 512);
        TypeVocabularySize = layout.TypeVocabularySize is { } types ? fields.Integer(types, 2) : 0;
        LayerNormEpsilon = layout.LayerNormEpsilon is { } epsilon ? fields.Number(epsilon, 1e-12) : 1e-12;
        InitializerRange = fields.Number("initializer_range", 0.02);
        PadTokenId = fields.Integer("pad_token_id", 0);
        TieWordEmbeddings = fields.Flag("tie_word_embeddings", true);
        (_labels, _labelProblem) = fields.Labels();
        ProblemType = fields.Problem("problem_type");
        _namedHeads = HeadFields.Read(fields);
        CalibrationTemperature = fields.NullableNumber(CalibrationField);
    }

    /// <summary>The field "model_type" of the architecture: "squeezebert", "bert" and so on.</summary>
    public string ModelType => _layout.ModelType;

    /// <summary>
    /// Names of transformers' classes, the first of which says what head the checkpoint has ("SqueezeBertForSequenceClassification").
    /// </summary>
    public IReadOnlyList<string> Architectures { get; init; }

    /// <summary>Rows of the word embeddings; at least the tokenizer's number of pieces.</summary>
    public int VocabularySize { get; init; }

    /// <summary>Channels of a hidden state; a multiple of <see cref="HeadCount"/>.</summary>
    public int HiddenSize { get; init; }

    /// <summary>Columns of the word embeddings: the hidden size, unless the architecture projects them.</summary>
    public int EmbeddingSize
    {
        get => _embeddingSize ?? HiddenSize;
        init => _embeddingSize = value;
    }

    /// <summary>Number of encoder layers.</summary>
    public int LayerCount { get; init; }

    /// <summary>Attention heads of a layer.</summary>
    public int HeadCount { get; init; }

    /// <summary>
    /// Heads that a layer does not have any more, by its number from 0: their numbers below <see cref="HeadCount"/> ("pruned_heads", which
    /// transformers reads up to its version 4). The others keep the size that they have without pruning, <see cref="HiddenSize"/> over
    /// <see cref="HeadCount"/>. For BERT, DistilBERT and ELECTRA; empty for the rest.
    /// </summary>
    public IReadOnlyDictionary<int, IReadOnlyList<int>> PrunedHeads
    {
        get => _prunedHeads;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _prunedHeads = HeadPruning.Copy(value);
        }
    }

    /// <summary>Channels inside the feed-forward network.</summary>
    public int IntermediateSize { get; init; }

    /// <summary>Activation of the feed-forward network.</summary>
    public Activation HiddenActivation { get; init; }

    /// <summary>Probability in 0..1, used in training only.</summary>
    public double HiddenDropout { get; init; }

    /// <summary>Probability in 0..1 at the attention's probabilities, used in training only.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Probability in 0..1 before the classifier, used in training only; null means <see cref="HiddenDropout"/>.</summary>
    public double? ClassifierDropout { get; init; }

    /// <summary>Rows of the position embeddings: the longest input in tokens.</summary>
    public int MaxPositionEmbeddings { get; init; }

    /// <summary>Rows of the token type embeddings; 0 where the architecture has none.</summary>
    public int TypeVocabularySize { get; init; }

    /// <summary>Added to the variance in a LayerNorm. Some norms of the reference use a constant instead; the graphs say which.</summary>
    public double LayerNormEpsilon { get; init; }

    /// <summary>Standard deviation of initial weights.</summary>
    public double InitializerRange { get; init; }

    /// <summary>Id of [PAD].</summary>
    public int PadTokenId { get; init; }

    /// <summary>Whether the masked language model's decoder is the word embeddings.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>
    /// Label names by id. Where the file has names that a classifier cannot work with, and so refuses, LABEL_0 and so on. To set them
    /// removes <see cref="CalibrationTemperature"/>, which was fitted to other outputs.
    /// </summary>
    public IReadOnlyList<string> Labels
    {
        get => _labels;
        init => (_labels, _labelProblem, CalibrationTemperature) = (value, null, null);
    }

    /// <summary>What a classifier's logits mean; null: a sigmoid of one label, else a single label of several.</summary>
    public ProblemType? ProblemType { get; init; }

    /// <summary>
    /// Heads with names of their own ("squeezebert_heads") beside the one that <see cref="Architectures"/> names, which may be none. All
    /// read one encoder. At most 64.
    /// </summary>
    public IReadOnlyList<HeadConfiguration> NamedHeads
    {
        get => _namedHeads;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _namedHeads = Array.AsReadOnly<HeadConfiguration>([.. value]);
        }
    }

    /// <summary>
    /// What the text-classification pipeline divides logits by before they become scores, 0.01 to 100, so that a score says how often it is
    /// right ("calibration_temperature"; a field of this library, which others do not look at). Null: they stay as they are.
    /// </summary>
    public double? CalibrationTemperature { get; init; }

    /// <summary>The file's object, for the fields that have no property; null for a configuration made in code.</summary>
    internal JsonObject? Source { get; }

    internal ConfigurationLayout Layout => _layout;

    /// <summary>
    /// The fields as an object of the caller's own. What a file held and no property changed is as it was, in its place; the rest has its
    /// new value.
    /// </summary>
    public JsonObject ToJson()
    {
        var now = KnownFields();
        if (Source is null)
        {
            if (ProblemType is null) now.Remove("problem_type");
            if (CalibrationTemperature is { } fitted) now[CalibrationField] = Number(fitted);
            return now;
        }

        var before = _layout.Create(new ConfigurationFields(Source, FileName)).KnownFields();
        var json = (JsonObject)Source.DeepClone();
        foreach (var (name, value) in now)
        {
            if (JsonNode.DeepEquals(value, before[name])) continue;
            json[name] = value?.DeepClone();
            if (name == "id2label") json.Remove("num_labels");
        }

        foreach (var optional in (string[])[HeadFields.Field, HeadPruning.Field])
        {
            if (!now.ContainsKey(optional) && before.ContainsKey(optional)) json.Remove(optional);
        }

        if (CalibrationTemperature is { } temperature) json[CalibrationField] = Number(temperature);
        else json.Remove(CalibrationField);

        return json;
    }

    /// <summary>Attention heads that a layer has.</summary>
    internal int HeadsOf(int layer) => HeadCount - (PrunedHeads.TryGetValue(layer, out var pruned) ? pruned.Count : 0);

    /// <summary>Channels of a layer's queries, keys and values, where its heads divide the hidden size.</summary>
    internal int AttentionSizeOf(int layer) => HiddenSize / HeadCount * HeadsOf(layer);

    /// <summary>The configuration with these of its layers, in their order.</summary>
    internal ModelConfiguration WithLayers(IReadOnlyList<int> kept) => this with
    {
        LayerCount = kept.Count,
        PrunedHeads = HeadPruning.OfLayers(PrunedHeads, kept),
    };

    /// <summary>The configuration with a head's labels and problem type as its own; this one for null.</summary>
    internal ModelConfiguration For(HeadConfiguration? head) =>
        head is null ? this : this with
        {
            Labels = head.Labels,
            ProblemType = head.ProblemType,
            CalibrationTemperature = head.CalibrationTemperature,
        };

    /// <summary>For what gives texts or tokens their labels.</summary>
    /// <exception cref="InvalidModelFileException">The file's label names cannot be used.</exception>
    internal void RequireLabels()
    {
        if (_labelProblem is { } problem) throw problem;
    }

    /// <summary>Checks that all values are in range and fit together.</summary>
    /// <exception cref="InvalidModelFileException">They do not; the message names the field and what to change.</exception>
    public void Validate() => Validate(FileName);

    internal void Validate(string file) => CheckValues(new ConfigurationChecks(file));

    private protected virtual void CheckValues(ConfigurationChecks check)
    {
        var l = _layout;
        check.Range(l.VocabularySize.Name, VocabularySize, 1, 1 << 24);
        check.Range(l.HiddenSize.Name, HiddenSize, 1, 1 << 16);
        check.Range("embedding_size", EmbeddingSize, 1, 1 << 16);
        check.Range(l.LayerCount.Name, LayerCount, 0, 1000);
        check.Range(l.HeadCount.Name, HeadCount, 1, 1 << 16);
        check.Range(l.IntermediateSize.Name, IntermediateSize, 1, 1 << 20);
        check.Probability(l.HiddenDropout.Name, HiddenDropout);
        check.Probability(l.AttentionDropout.Name, AttentionDropout);
        if (ClassifierDropout is { } dropout) check.Probability(l.ClassifierDropout.Name ?? "classifier_dropout", dropout);
        check.Range("max_position_embeddings", MaxPositionEmbeddings, 1, 1 << 20);
        if (l.TypeVocabularySize is { } types) check.Range(types, TypeVocabularySize, 1, 1 << 16);
        if (LayerNormEpsilon is not (> 0 and <= 1))
            throw check.Error(l.LayerNormEpsilon ?? "layer_norm_eps", $"is {LayerNormEpsilon}; it must be above 0 and at most 1");
        if (InitializerRange is not (>= 0 and <= 1000))
            throw check.Error("initializer_range", $"is {InitializerRange}; it must be 0 to 1000");
        check.Range("pad_token_id", PadTokenId, 0, VocabularySize - 1);
        check.Temperature(CalibrationField, CalibrationTemperature);
        check.Range("num_labels", Labels.Count, 1, MaxLabels);
        check.NamedHeads(NamedHeads);
        if (l.EmbeddingSize.Missing is null && EmbeddingSize != HiddenSize)
            throw check.Error(
                "embedding_size", $"is {EmbeddingSize}; a {ModelType} model needs that of '{l.HiddenSize.Name}', {HiddenSize}");
        if (!l.HasInnerWidth) check.Divisible(l.HiddenSize.Name, HiddenSize, l.HeadCount.Name, HeadCount);
        HeadPruning.Check(check, this);
    }

    private protected virtual void WriteFields(JsonObject json)
    {
        var l = _layout;
        json["model_type"] = ModelType;
        json["architectures"] = new JsonArray([.. Architectures.Select(name => JsonValue.Create(name))]);
        json[l.VocabularySize.Name] = VocabularySize;
        json[l.HiddenSize.Name] = HiddenSize;
        if (l.EmbeddingSize.Name is { } embedding) json[embedding] = EmbeddingSize;
        json[l.LayerCount.Name] = LayerCount;
        json[l.HeadCount.Name] = HeadCount;
        json[l.IntermediateSize.Name] = IntermediateSize;
        json[l.HiddenActivation.Name] = ActivationNames.NameOf(HiddenActivation);
        json[l.HiddenDropout.Name] = Number(HiddenDropout);
        json[l.AttentionDropout.Name] = Number(AttentionDropout);
        if (l.ClassifierDropout.Name is { } dropout) json[dropout] = ClassifierDropout is { } value ? Number(value) : null;
        json["max_position_embeddings"] = MaxPositionEmbeddings;
        if (l.TypeVocabularySize is { } types) json[types] = TypeVocabularySize;
        if (l.LayerNormEpsilon is { } epsilon) json[epsilon] = Number(LayerNormEpsilon);
        json["initializer_range"] = Number(InitializerRange);
        json["pad_token_id"] = PadTokenId;
        json["tie_word_embeddings"] = TieWordEmbeddings;
        json["id2label"] =
            new JsonObject(
                Labels.Select((label, id) => KeyValuePair.Create(
                    id.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)label)));
        var ids = new JsonObject();
        for (var id = 0; id < Labels.Count; id++) ids[Labels[id]] = id;
        json["label2id"] = ids;
        json["problem_type"] = ProblemType is { } problem ? ProblemTypes.NameOf(problem) : null;
        if (PrunedHeads.Count > 0) json[HeadPruning.Field] = HeadPruning.Write(PrunedHeads);
        if (NamedHeads.Count > 0) json[HeadFields.Field] = HeadFields.Write(NamedHeads);
    }

    // Python tells 0 from 0.0, and newer configuration classes check the type.
    internal static JsonNode? Number(double value)
    {
        var text = value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        return JsonNode.Parse(text.AsSpan().ContainsAny('.', 'E', 'e') ? text : text + ".0");
    }

    /// <summary>Every field that has a property, defaults included, as an object of the caller's own.</summary>
    internal JsonObject KnownFields()
    {
        var json = new JsonObject();
        WriteFields(json);
        return json;
    }
}
