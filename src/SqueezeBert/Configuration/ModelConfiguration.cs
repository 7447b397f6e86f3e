using System.Text.Json.Nodes;
using SqueezeBert.Configuration;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A model's config.json: its architecture, sizes and labels. A configuration is read from a file or created in code. When a file is read,
/// missing fields get the defaults of transformers, and unknown fields are kept. Immutable; <c>with</c> makes a changed copy.
/// </summary>
public abstract partial record ModelConfiguration
{
    /// <summary>The largest number of labels of a classifier.</summary>
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
        HashedNgrams = HashedNgramFields.Read(fields);
    }

    /// <summary>The architecture, as in the field "model_type": "squeezebert", "bert" and so on.</summary>
    public string ModelType => _layout.ModelType;

    /// <summary>
    /// The names of the model's transformers classes. The first one determines the head of the checkpoint, for example
    /// "SqueezeBertForSequenceClassification".
    /// </summary>
    public IReadOnlyList<string> Architectures { get; init; }

    /// <summary>
    /// The number of rows of the word embeddings, 1 to 2^24. It must not be less than the number of tokens of the tokenizer.
    /// </summary>
    public int VocabularySize { get; init; }

    /// <summary>
    /// The number of channels of a hidden state, 1 to 65,536. It must be a multiple of <see cref="HeadCount"/>, except for MobileBERT with
    /// bottlenecks.
    /// </summary>
    public int HiddenSize { get; init; }

    /// <summary>
    /// The number of columns of the word embeddings, 1 to 65,536. It equals the hidden size unless the architecture projects the
    /// embeddings.
    /// </summary>
    public int EmbeddingSize
    {
        get => _embeddingSize ?? HiddenSize;
        init => _embeddingSize = value;
    }

    /// <summary>The number of encoder layers, 0 to 1,000.</summary>
    public int LayerCount { get; init; }

    /// <summary>The number of attention heads in a layer, 1 to 65,536.</summary>
    public int HeadCount { get; init; }

    /// <summary>
    /// The attention heads that were removed from each layer ("pruned_heads"). The key is the number of the layer, from 0. The value lists
    /// the removed heads, numbered from 0 and below <see cref="HeadCount"/>. The remaining heads keep the size that they have without
    /// pruning: <see cref="HiddenSize"/> divided by <see cref="HeadCount"/>. Pruning is supported for BERT, DistilBERT and ELECTRA, and the
    /// dictionary is empty for other architectures. transformers reads this field up to version 4.
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

    /// <summary>The number of channels inside the feed-forward network, 1 to 2^20.</summary>
    public int IntermediateSize { get; init; }

    /// <summary>The activation function of the feed-forward network.</summary>
    public Activation HiddenActivation { get; init; }

    /// <summary>The dropout probability of hidden states, 0 to 1. Used in training only.</summary>
    public double HiddenDropout { get; init; }

    /// <summary>The dropout probability of attention probabilities, 0 to 1. Used in training only.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>
    /// The dropout probability before the classifier, 0 to 1. Null means <see cref="HiddenDropout"/>. Used in training only.
    /// </summary>
    public double? ClassifierDropout { get; init; }

    /// <summary>
    /// The number of rows of the position embeddings, 1 to 2^20 (default 512). It is the longest input that the model can read, in tokens.
    /// </summary>
    public int MaxPositionEmbeddings { get; init; }

    /// <summary>The number of rows of the token type embeddings; 0 for architectures without them.</summary>
    public int TypeVocabularySize { get; init; }

    /// <summary>
    /// The layer norm epsilon, which is added to the variance; above 0 and at most 1 (default 1e-12). Some layer norms of the reference use
    /// a constant instead, as the graphs note.
    /// </summary>
    public double LayerNormEpsilon { get; init; }

    /// <summary>The standard deviation of initial weights, 0 to 1,000 (default 0.02).</summary>
    public double InitializerRange { get; init; }

    /// <summary>The id of the padding token [PAD], below <see cref="VocabularySize"/> (default 0).</summary>
    public int PadTokenId { get; init; }

    /// <summary>Whether the decoder of the masked language model shares its weights with the word embeddings (default true).</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>
    /// The label names, in the order of their ids. If the names in the file are unusable, they are LABEL_0, LABEL_1 and so on, and a
    /// classifier refuses the model. Setting the labels removes <see cref="CalibrationTemperature"/>, because it was fitted to the previous
    /// outputs.
    /// </summary>
    public IReadOnlyList<string> Labels
    {
        get => _labels;
        init => (_labels, _labelProblem, CalibrationTemperature) = (value, null, null);
    }

    /// <summary>
    /// How the logits of a classifier are interpreted. Null means a sigmoid for a single label and a softmax for several.
    /// </summary>
    public ProblemType? ProblemType { get; init; }

    /// <summary>
    /// The named heads of the checkpoint ("squeezebert_heads"), at most 64. They share one encoder, and they exist in addition to the head
    /// that <see cref="Architectures"/> names, if there is one.
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
    /// The temperature that the text-classification pipeline divides logits by before it turns them into scores, 0.01 to 100
    /// ("calibration_temperature"). With a fitted temperature, a score estimates how often the label is right. Null leaves the logits
    /// unchanged. The field belongs to this library, and other libraries ignore it.
    /// </summary>
    public double? CalibrationTemperature { get; init; }

    /// <summary>
    /// The hashed character n-grams that the head for token classification reads beside the hidden states ("hashed_ngrams"). Null means
    /// none. A named head has its own (<see cref="HeadConfiguration.HashedNgrams"/>), and other heads do not read them.
    /// </summary>
    public HashedNgrams? HashedNgrams { get; init; }

    /// <summary>
    /// The characters of the model's vocabulary, read when the n-grams of a word are needed for the first time. Null if no vocabulary is
    /// known.
    /// </summary>
    internal Lazy<WordPieces>? Pieces { get; init; }

    /// <summary>The JSON object of the file, which keeps the fields without a property. Null for a configuration created in code.</summary>
    internal JsonObject? Source { get; }

    internal ConfigurationLayout Layout => _layout;

    /// <summary>
    /// Returns the fields as a new JSON object. Fields of the source file that no property has changed keep their value and their place.
    /// Changed fields have their new value.
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

        foreach (var optional in (string[])[HeadFields.Field, HeadPruning.Field, HashedNgramFields.Field])
        {
            if (!now.ContainsKey(optional) && before.ContainsKey(optional)) json.Remove(optional);
        }

        if (CalibrationTemperature is { } temperature) json[CalibrationField] = Number(temperature);
        else json.Remove(CalibrationField);

        return json;
    }

    /// <summary>The number of attention heads of a layer after pruning.</summary>
    internal int HeadsOf(int layer) => HeadCount - (PrunedHeads.TryGetValue(layer, out var pruned) ? pruned.Count : 0);

    /// <summary>The number of channels of a layer's queries, keys and values after pruning.</summary>
    internal int AttentionSizeOf(int layer) => HiddenSize / HeadCount * HeadsOf(layer);

    /// <summary>Returns the configuration for a model that keeps only some of the layers, in their order.</summary>
    internal ModelConfiguration WithLayers(IReadOnlyList<int> kept) => this with
    {
        LayerCount = kept.Count,
        PrunedHeads = HeadPruning.OfLayers(PrunedHeads, kept),
    };

    /// <summary>
    /// Returns the first field by which another model would compute something else with the same weights, or null for none. What only
    /// training reads does not count.
    /// </summary>
    internal string? FirstDifference(ModelConfiguration other)
    {
        var now = KnownFields();
        var fields = (other with
        {
            HiddenDropout = HiddenDropout,
            AttentionDropout = AttentionDropout,
            ClassifierDropout = ClassifierDropout,
            InitializerRange = InitializerRange,
        }).KnownFields();
        return now.Select(field => field.Key).Union(fields.Select(field => field.Key))
            .FirstOrDefault(name => !JsonNode.DeepEquals(now[name], fields[name]));
    }

    /// <summary>Returns the configuration with the characters of a vocabulary if a head reads the n-grams of words.</summary>
    internal ModelConfiguration WithPieces(Lazy<WordPieces> pieces) =>
        HashedNgrams is null && NamedHeads.All(head => head.HashedNgrams is null) ? this : this with { Pieces = pieces };

    /// <summary>Returns the configuration with the fields of a named head, or this one for null.</summary>
    internal ModelConfiguration For(HeadConfiguration? head) =>
        head is null ? this : this with
        {
            Labels = head.Labels,
            ProblemType = head.ProblemType,
            CalibrationTemperature = head.CalibrationTemperature,
            HashedNgrams = head.HashedNgrams,
        };

    /// <summary>Checks the label names, for tasks that return labels.</summary>
    /// <exception cref="InvalidModelFileException">The label names of the file are unusable.</exception>
    internal void RequireLabels()
    {
        if (_labelProblem is { } problem) throw problem;
    }

    /// <summary>Checks that every value is in range and that the values fit together.</summary>
    /// <exception cref="InvalidModelFileException">
    /// A value is out of range, or two values do not fit together. The message names the field and what to change.
    /// </exception>
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
        HashedNgramFields.Check(check, HashedNgramFields.Field, HashedNgrams);
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
        if (HashedNgrams is not null) json[HashedNgramFields.Field] = HashedNgramFields.Write(HashedNgrams);
    }

    // Python tells 0 from 0.0, and newer configuration classes check the type.
    internal static JsonNode? Number(double value)
    {
        var text = value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        return JsonNode.Parse(text.AsSpan().ContainsAny('.', 'E', 'e') ? text : text + ".0");
    }

    /// <summary>Returns every field that has a property, including defaults, as a new object.</summary>
    internal JsonObject KnownFields()
    {
        var json = new JsonObject();
        WriteFields(json);
        return json;
    }
}
