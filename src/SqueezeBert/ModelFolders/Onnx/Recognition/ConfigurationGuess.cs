using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Recognition;

/// <summary>
/// Derives a configuration from the layers of a file. It examines only the first layer. <see cref="GraphMatcher"/> checks whether the whole
/// graph fits the configuration.
/// </summary>
internal sealed class ConfigurationGuess
{
    private readonly ReachableLayers _layers;
    private readonly OutputRoles _roles;
    private readonly string _file;
    private readonly TableLayer _words;
    private readonly TableLayer _positions;
    private readonly TableLayer? _types;
    private readonly AttentionLayer _attention;
    private readonly LinearLayer _output;
    private readonly SumLayer _sum;
    private readonly NormLayer _norm;
    private readonly LinearLayer _middle;

    private ConfigurationGuess(ReachableLayers layers, OutputRoles roles, string file)
    {
        _layers = layers;
        _roles = roles;
        _file = file;
        _words = Table(EmbeddingIndex.TokenId) ?? throw Error("has no word embeddings: no table is indexed by input_ids");
        _positions = Table(EmbeddingIndex.Position) ?? throw Error("has no position embeddings");
        _types = Table(EmbeddingIndex.TokenTypeId);
        _attention = layers.All.OfType<AttentionLayer>().FirstOrDefault() ?? throw Error("has no attention that is supported");
        _output = layers.UserOf<LinearLayer>(_attention) ?? throw NoLayer(_attention);
        _sum = layers.UserOf<SumLayer>(_output) ?? throw NoLayer(_output);
        _norm = layers.UserOf<NormLayer>(_sum) ?? throw NoLayer(_sum);
        _middle = layers.UserOf<LinearLayer>(_norm) ?? throw NoLayer(_norm);
    }

    /// <param name="layers">The layers that the outputs depend on.</param>
    /// <param name="roles">The outputs.</param>
    /// <param name="declared">The config.json, which decides between similar architectures, or null.</param>
    /// <param name="isTied">Whether the decoder of a masked language model has the weights of the word embeddings.</param>
    /// <param name="file">The name of the file in messages.</param>
    public static ModelConfiguration Make(ReachableLayers layers, OutputRoles roles, ModelConfiguration? declared, Func<Constant, Constant,
        bool> isTied, string file)
    {
        if (layers.All is [TableLayer { Index: EmbeddingIndex.TokenId } table]) return Static(table, declared as StaticConfiguration);
        var guess = new ConfigurationGuess(layers, roles, file);
        var made = guess.Architecture(declared);
        made = made with
        {
            Architectures = [ModelHeads.ClassName(made, roles.Head)],
            TieWordEmbeddings = guess.IsTied(made, isTied),
            Labels = roles.LabelCount > 0 ? [.. Enumerable.Range(0, Math.Min(roles.LabelCount, ModelConfiguration.MaxLabels + 1))
                .Select(id => $"LABEL_{id}")] : made.Labels,
        };
        made.Validate(file);
        return made;
    }

    private ModelConfiguration Architecture(ModelConfiguration? declared)
    {
        if (_layers.All.Any(layer => layer is DepthwiseLayer)) return Separable();
        if (_output.IsConvolution) return SqueezeBert();
        if (declared is ElectraConfiguration || _roles.Head == ModelHead.ReplacedTokenDetection || HasProjectedEmbeddings) return Electra();
        var feedForwards = _layers.All.OfType<ActivationLayer>()
            .Count(layer => _layers.UserOf<SumLayer>(_layers.UserOf<LinearLayer>(layer)) is not null);
        var isMobile = _words.Width != _positions.Width || _norm.Kind == NormKind.NoNorm || _output.Width != _positions.Width
            || feedForwards > LayerCount;
        if (isMobile) return MobileBert(feedForwards, declared as MobileBertConfiguration ?? new());
        if (_types is not null && declared is not DistilBertConfiguration) return Bert();
        return declared is null or DistilBertConfiguration ? DistilBert()
            : throw Error("has no table that is indexed by token_type_ids; without token types it is a distilbert model");
    }

    private int LayerCount => _layers.All.Count(layer => layer is AttentionLayer);

    /// <summary>The number of heads of a layer without pruning, each as wide as the existing ones.</summary>
    private int HeadCount => Math.Max(1, _output.Width / Math.Max(1, _attention.Width / _attention.Heads));

    private Activation HiddenActivation => _layers.UserOf<ActivationLayer>(_middle)?.Activation ?? Activation.None;

    /// <summary>The pruned heads. The graph shows how many heads a layer lacks, but not which, so the last ones are assumed.</summary>
    private Dictionary<int, IReadOnlyList<int>> PrunedHeads()
    {
        var pruned = new Dictionary<int, IReadOnlyList<int>>();
        foreach (var (layer, attention) in _layers.All.OfType<AttentionLayer>().Index())
        {
            if (attention.Heads < HeadCount) pruned.Add(layer, [.. Enumerable.Range(attention.Heads, HeadCount - attention.Heads)]);
        }

        return pruned;
    }

    private BertConfiguration Bert() => new()
    {
        VocabularySize = Rows(_words),
        HiddenSize = _words.Width,
        LayerCount = LayerCount,
        HeadCount = HeadCount,
        PrunedHeads = PrunedHeads(),
        IntermediateSize = _middle.Width,
        HiddenActivation = HiddenActivation,
        MaxPositionEmbeddings = Rows(_positions),
        TypeVocabularySize = Rows(_types!),
        LayerNormEpsilon = Epsilon(_norm),
    };

    /// <summary>
    /// Whether the norm of the embeddings is followed by a linear layer and not by a norm as in a bottleneck. This is the case for ELECTRA,
    /// whose embeddings have another width than the hidden states.
    /// </summary>
    private bool HasProjectedEmbeddings => _sum.Terms.Any(term => term is LinearLayer { X: NormLayer { X: SumLayer embeddings } }
        && embeddings.Terms.All(part => part is TableLayer));

    private ElectraConfiguration Electra() => new()
    {
        VocabularySize = Rows(_words),
        EmbeddingSize = _words.Width,
        HiddenSize = _output.Width,
        LayerCount = LayerCount,
        HeadCount = HeadCount,
        PrunedHeads = PrunedHeads(),
        IntermediateSize = _middle.Width,
        HiddenActivation = HiddenActivation,
        MaxPositionEmbeddings = Rows(_positions),
        TypeVocabularySize = _types is null ? 2 : Rows(_types),
        LayerNormEpsilon = Epsilon(_norm),
    };

    /// <summary>Returns the configuration of a single table, with the other fields from config.json.</summary>
    private static StaticConfiguration Static(TableLayer table, StaticConfiguration? declared) =>
        (declared ?? new StaticConfiguration { DropsUnknownTokens = false }) with
        {
            Architectures = declared is { Architectures.Count: > 0 } ? declared.Architectures : ["StaticModel"],
            VocabularySize = (int)(table.Mapping ?? table.Table).Shape[0],
            HiddenSize = table.Width,
            TableRows = table.Mapping is null ? null : Rows(table),
            HasTokenWeights = table.Factors is not null,
        };

    private DistilBertConfiguration DistilBert() => new()
    {
        VocabularySize = Rows(_words),
        HiddenSize = _words.Width,
        LayerCount = LayerCount,
        HeadCount = HeadCount,
        PrunedHeads = PrunedHeads(),
        IntermediateSize = _middle.Width,
        HiddenActivation = HiddenActivation,
        MaxPositionEmbeddings = Rows(_positions),
    };

    private SqueezeBertConfiguration SqueezeBert() => new()
    {
        VocabularySize = Rows(_words),
        HiddenSize = _words.Width,
        EmbeddingSize = _words.Width,
        LayerCount = LayerCount,
        HeadCount = _attention.Heads,
        IntermediateSize = _middle.Width,
        HiddenActivation = HiddenActivation,
        MaxPositionEmbeddings = Rows(_positions),
        TypeVocabularySize = _types is null ? 2 : Rows(_types),
        LayerNormEpsilon = EmbeddingEpsilon(),
        QueryGroups = Groups(_attention.Query),
        KeyGroups = Groups(_attention.KeyLayer),
        ValueGroups = Groups(_attention.Value),
        PostAttentionGroups = _output.Groups,
        IntermediateGroups = _middle.Groups,
        OutputGroups = OutputGroups(),
    };

    private SeparableConfiguration Separable()
    {
        var first = _layers.All.OfType<DepthwiseLayer>().First();
        Layer convolved = _layers.UserOf<ConcatenatedLayer>(first) is { } joined ? joined : first;
        var branches = convolved is ConcatenatedLayer all ? all.Parts.OfType<DepthwiseLayer>() : [first];
        return new()
        {
            VocabularySize = Rows(_words),
            EmbeddingSize = _words.Width,
            HiddenSize = _output.Width,
            LayerCount = LayerCount,
            HeadCount = _attention.Heads,
            IntermediateSize = _middle.Width,
            HiddenActivation = HiddenActivation,
            MaxPositionEmbeddings = Rows(_positions),
            TypeVocabularySize = _types is null ? 2 : Rows(_types),
            LayerNormEpsilon = EmbeddingEpsilon(),
            QueryGroups = Groups(_attention.Query),
            KeyGroups = Groups(_attention.KeyLayer),
            ValueGroups = Groups(_attention.Value),
            PostAttentionGroups = _output.Groups,
            IntermediateGroups = _middle.Groups,
            OutputGroups = OutputGroups(),
            ConvolutionKernelSizes = [.. branches.Select(branch => (int)branch.Weight.Shape[2])],
            ConvolutionGroups = _layers.UserOf<LinearLayer>(Activated(convolved))?.Groups ?? 1,
        };
    }

    /// <param name="feedForwards">The number of feed-forward networks of all layers.</param>
    /// <param name="other">The fields that have no meaning without a bottleneck.</param>
    private MobileBertConfiguration MobileBert(int feedForwards, MobileBertConfiguration other)
    {
        var narrow = _sum.Terms.FirstOrDefault(term => !ReferenceEquals(term, _output));
        var hasBottleneck = narrow is NormLayer { X: LinearLayer };
        var queryInput = (_attention.Query as LinearLayer)?.X;
        var valueInput = (_attention.Value as LinearLayer)?.X;
        var isNarrow = ReferenceEquals(queryInput, narrow) && ReferenceEquals(valueInput, narrow);
        return new()
        {
            VocabularySize = Rows(_words),
            EmbeddingSize = _words.Width,
            HiddenSize = _positions.Width,
            LayerCount = LayerCount,
            HeadCount = _attention.Heads,
            IntermediateSize = _middle.Width,
            HiddenActivation = HiddenActivation,
            MaxPositionEmbeddings = Rows(_positions),
            TypeVocabularySize = _types is null ? 2 : Rows(_types),
            LayerNormEpsilon = _norm.Kind == NormKind.LayerNorm ? Epsilon(_norm) : 1e-12,
            NormalizationType = _norm.Kind == NormKind.LayerNorm ? "layer_norm" : "no_norm",
            TrigramInput = _layers.UserOf<ConcatenatedLayer>(_words) is not null,
            UseBottleneck = hasBottleneck,
            IntraBottleneckSize = hasBottleneck ? _attention.Width : other.IntraBottleneckSize,
            UseBottleneckAttention = hasBottleneck ? isNarrow : other.UseBottleneckAttention,
            KeyQuerySharedBottleneck = hasBottleneck
                && !isNarrow ? !ReferenceEquals(queryInput, valueInput) : other.KeyQuerySharedBottleneck,
            FeedForwardCount = LayerCount == 0 ? 1 : Math.Max(1, feedForwards / LayerCount),
            ClassifierActivation = !_roles.Layers.Values.Any(layer =>
                layer is LinearLayer { X: UnaryLayer { Kind: UnaryKind.FirstToken } } or UnaryLayer { Kind: UnaryKind.FirstToken }),
        };
    }

    private int OutputGroups() => _layers.UserOf<LinearLayer>(Activated(_middle))?.Groups ?? 1;

    private Layer Activated(Layer layer) => _layers.UserOf<ActivationLayer>(layer) is { } activation ? activation : layer;

    private double EmbeddingEpsilon() => _layers.All.OfType<NormLayer>().FirstOrDefault() is { } first ? Epsilon(first) : 1e-12;

    /// <summary>
    /// Returns the epsilon as it is usually written: 1e-12 and not the nearest float32. If float16 cannot represent it, it was the usual
    /// number.
    /// </summary>
    private static double Epsilon(NormLayer norm) =>
        norm.Weight.Type == TensorType.Float16
        && norm.Epsilon < 2e-7 ? 1e-12
        : double.Parse(((float)norm.Epsilon).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private bool IsTied(ModelConfiguration made, Func<Constant, Constant, bool> isTied)
    {
        var name = _roles.Head == ModelHead.Pretraining ? OutputNames.PredictionLogits : OutputNames.Logits;
        if (_roles.Head is not (ModelHead.MaskedLanguageModel or ModelHead.Pretraining) || _roles.Layers[name] is not LinearLayer decoder)
            return true;

        // MobileBERT's decoder is wider than its word embeddings, and holds them in its first columns.
        return made is MobileBertConfiguration && decoder.Weight.Shape[1] > _words.Width || isTied(decoder.Weight, _words.Table);
    }

    private TableLayer? Table(EmbeddingIndex index) => _layers.All.OfType<TableLayer>().FirstOrDefault(table => table.Index == index);

    private static int Rows(TableLayer table) => (int)table.Table.Shape[0];

    private static int Groups(Layer layer) => (layer as LinearLayer)?.Groups ?? 1;

    private InvalidModelFileException NoLayer(Layer layer) =>
        Error($"is no supported model: {layer.Origin} is not followed by what an encoder has there");

    private InvalidModelFileException Error(string reason) => new(_file, null, reason);
}
