using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders;
using SqueezeBert.ModelFolders.NewModels;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Recipes;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Running;

/// <summary>
/// The tokenizer, the sizes and the tensors at the start of a run, from a saved model or for a new one; and what a stage hands to the next.
/// </summary>
internal sealed class StartingPoint
{
    private ModelConfiguration _base;
    private CarriedTensors _tensors;
    private readonly ModelHead? _knownHead;
    private readonly IReadOnlyList<string> _knownLabels = [];

    /// <exception cref="RecipeException">The recipe's model does not fit its vocabulary or its stages.</exception>
    /// <exception cref="InvalidModelFileException">The saved model cannot be read, or lacks a part of its encoder.</exception>
    public StartingPoint(Recipe recipe)
    {
        var longest = recipe.Stages.Count == 0 ? throw new RecipeException(recipe.File, "stages", "at least one stage is needed")
            : recipe.Stages.Max(stage => stage.MaxLength);
        if (recipe.From is null)
        {
            if (recipe.Vocabulary is null)
                throw new RecipeException(recipe.File, "vocabulary", "is missing: vocab.txt of a new model, or 'from' with a saved one");
            Tokenizer = BertTokenizer.Load(recipe.Vocabulary,
                new BertTokenizerOptions { LowerCase = recipe.LowerCase, ModelMaxLength = longest });
            _base = NewConfiguration(recipe, Tokenizer.Vocabulary.Count);
            _tensors = new CarriedTensors(_base);
        }
        else
        {
            if (NamedModel.Is(recipe.From))
                throw new RecipeException(recipe.File, "from", $"'{recipe.From}' is a name that the tool knows; give the model's folder");
            Tokenizer = BertTokenizer.Load(ModelFolder.FolderOf(recipe.From));
            using var folder = ModelFolder.Open(recipe.From);
            _base = folder.Configuration;
            _tensors = Read(folder);
            StoredType = folder.StoredTensors == folder.Tensors ? TypeOf(folder.Tensors) : TensorType.Float16;
            _knownHead = ClassifierHead.Of(_base);
            _knownLabels = _base.Labels;
        }

        SpecialTokens.RequireTemplate(Tokenizer, recipe.From ?? recipe.Vocabulary!);
        if (longest > _base.MaxPositionEmbeddings)
            throw new RecipeException(recipe.File, "max_length",
                $"{longest} is longer than the model's max_position_embeddings, {_base.MaxPositionEmbeddings}");
    }

    public BertTokenizer Tokenizer { get; }

    /// <summary>The configuration that stages change; after a stage, with what it has learnt to tell.</summary>
    public ModelConfiguration Configuration => _base;

    /// <summary>All tensors that there are.</summary>
    public CarriedTensors Tensors => _tensors;

    /// <summary>
    /// The type that all of the saved model's numbers have; float32 where they differ, and of a new model. float16 for a quantized model,
    /// whose numbers had 8 or 4 bits.
    /// </summary>
    public TensorType StoredType { get; } = TensorType.Float32;

    /// <summary>Labels of the saved model's classifier, of texts or of tokens; null where it has no such head.</summary>
    public IReadOnlyList<string>? KnownLabels(ModelHead head) => head == _knownHead ? _knownLabels : null;

    /// <summary>The configuration of a stage's model. Behind its own class stands that of a classifier that goes along.</summary>
    /// <param name="stage">Task and dropout.</param>
    /// <param name="data">What was read: the labels.</param>
    public ModelConfiguration Configure(StageRecipe stage, StageData data)
    {
        var classes = new List<string> { ModelHeads.ClassName(_base, stage.Head) };
        if (!ClassifierHead.Is(stage.Head) && _tensors.HasClassifier && ClassifierHead.Of(_base) is { } carried)
            classes.Add(ModelHeads.ClassName(_base, carried));
        var configuration = _base with { Architectures = classes };
        if (Tokenizer.PadTokenId >= 0) configuration = configuration with { PadTokenId = Tokenizer.PadTokenId };
        if (stage.Dropout is { } dropout) configuration = configuration with { HiddenDropout = dropout, AttentionDropout = dropout };

        // A classifier of another kind takes the place of the start's, with its n-grams.
        if (ClassifierHead.Is(stage.Head) && ClassifierHead.Of(_base) != stage.Head)
            configuration = configuration with { HashedNgrams = null };
        return stage.Task.Configure(stage, configuration, data).WithPieces(VocabularyPieces.Of(Tokenizer));
    }

    /// <summary>Takes parts out of the model that the next stage starts from.</summary>
    /// <returns>The numbers that the layers that stay had.</returns>
    /// <exception cref="RecipeException">The model has not learnt the stage's task.</exception>
    public IReadOnlyList<int> Prune(StageInput input, StageData data, WorkerPool pool, CancellationToken cancellationToken)
    {
        var pruning = new ModelPruning(input, data, Configure(input.Stage, data), _tensors, pool);
        var layers = pruning.Prune(input.Stage.Prune!, cancellationToken);
        _tensors = pruning.Tensors;
        _base = _base with
        {
            LayerCount = pruning.Configuration.LayerCount,
            PrunedHeads = pruning.Configuration.PrunedHeads,
            IntermediateSize = pruning.Configuration.IntermediateSize,
        };
        return layers;
    }

    /// <summary>Gives a model first values, and over them the tensors that have its names and shapes.</summary>
    public TakenTensors Initialize(StageModel model, StageRecipe stage, ulong seed)
    {
        model.Initialize(seed);
        var dropped = new Dictionary<string, string>();
        if (ClassifierHead.Is(stage.Head) && _tensors.HasClassifier)
        {
            if (WhyAnother(stage.Head, model.Configuration.Labels) is { } reason)
            {
                Drop(CarriedTensors.Classifier, reason);
                Drop(CarriedTensors.Ngrams, reason);
            }

            DropOtherNgrams("", _base.HashedNgrams, model.Configuration.HashedNgrams);
        }

        foreach (var head in model.Graph.NamedHeads)
        {
            var before = _base.NamedHeads.FirstOrDefault(known => known.Name == head.Name);
            if (before is null) continue;
            var prefix = NamedHeads.ParameterPrefix(head);
            if (before.Task != head.Task) Drop(prefix, "of another task");
            else if (!before.Labels.SequenceEqual(head.Labels)) Drop(prefix, "of other labels");
            else DropOtherNgrams(prefix, before.HashedNgrams, head.HashedNgrams);
        }

        return model.Load(_tensors, dropped);

        void Drop(string prefix, string reason)
        {
            dropped[prefix] = reason;
            _tensors.Remove(prefix);
        }

        // A row of the table belongs to other n-grams where the lengths or the number of rows differ, whatever its shape.
        void DropOtherNgrams(string prefix, HashedNgrams? before, HashedNgrams? now)
        {
            if (before is not null && before != now) Drop(prefix + CarriedTensors.Ngrams, "of other n-grams");
        }
    }

    /// <summary>What goes along with a stage's model without being part of it, under the names of a file of that model.</summary>
    public IReadOnlyList<NamedTensor> Others(StageModel model, StageRecipe stage) =>
        _tensors.Others(model.Parameters.Parameters, stage.Head != ModelHead.None);

    /// <summary>The next stage starts from this model and from what went along with it.</summary>
    public void Take(StageModel model, StageRecipe stage)
    {
        if (ClassifierHead.Is(stage.Head))
        {
            _tensors.Remove(CarriedTensors.Classifier);
            _tensors.Remove(CarriedTensors.Ngrams);
        }

        _tensors.Put(model.Tensors());
        _base = _base with
        {
            Architectures = model.Configuration.Architectures,
            Labels = model.Configuration.Labels,
            ProblemType = model.Configuration.ProblemType,
            HashedNgrams = model.Configuration.HashedNgrams,
            NamedHeads = model.Configuration.NamedHeads,
        };
    }

    /// <summary>Goes back to where a stage began, as its checkpoint has it.</summary>
    /// <param name="configuration">What the stage began with.</param>
    /// <param name="others">What goes along with its model.</param>
    public void Restore(ModelConfiguration configuration, IReadOnlyList<NamedTensor> others)
    {
        _base = configuration;
        _tensors = new CarriedTensors(configuration);
        _tensors.Put(others);
    }

    private static ModelConfiguration NewConfiguration(Recipe recipe, int vocabularySize)
    {
        var json = recipe.Model is null ? [] : (JsonObject)recipe.Model.DeepClone();
        json["model_type"] ??= "squeezebert";
        json["vocab_size"] ??= vocabularySize;
        var configuration = ModelConfiguration.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), recipe.File);
        if (!ModelGraph.ReadingOf(configuration).HasSpecialTokens)
        {
            throw new RecipeException(recipe.File, "model.model_type",
                $"'{configuration.ModelType}' is a table of static embeddings, which is not trained; give an encoder");
        }

        List<string> known = [.. ModelSizes.Find(configuration.ModelType).ToJson().Select(field => field.Key)];
        foreach (var (name, _) in recipe.Model ?? [])
        {
            if (known.Contains(name)) continue;
            throw new RecipeException(
                recipe.File, $"model.{name}", $"unknown field; the nearest known one is '{NearestNames.First(name, known)}'");
        }

        return configuration.VocabularySize >= vocabularySize
            ? configuration
            : throw new RecipeException(recipe.File, "model.vocab_size",
                $"{configuration.VocabularySize} is less than the vocabulary's {vocabularySize} pieces; leave it out");
    }

    private static TensorType TypeOf(ITensorSource tensors)
    {
        var types = tensors.Names.Select(name => tensors.TryGetTensor(name, out var info) ? info.Type : TensorType.Float32)
            .Where(type => type is TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64)
            .Distinct().ToList();
        return types is [TensorType.Float16 or TensorType.BFloat16] ? types[0] : TensorType.Float32;
    }

    // An encoder with a random layer in the middle would train, badly and without a word. A pooler or a head may be missing.
    private static CarriedTensors Read(ModelFolder folder)
    {
        var configuration = folder.Configuration;
        folder.Weights.Require(ModelGraph.Create(configuration, ModelHead.None, hasPooler: false).Parameters);
        _ = folder.Weights.Check(ModelGraph.Create(configuration, ModelGraph.HeadOf(configuration)).Parameters);

        // Of the heads with names, all go along, so that all must be there.
        folder.Weights.Require(ModelGraph.Create(configuration, ModelHead.None, hasPooler: false, namedHeads: configuration.NamedHeads)
            .Parameters);
        var tensors = new CarriedTensors(configuration);
        tensors.Read(folder.Tensors);
        return tensors;
    }

    // Rows of a classifier belong to its labels: those of others would be a start on the wrong foot. Names that are only numbered say
    // nothing.
    private string? WhyAnother(ModelHead wanted, IReadOnlyList<string> labels)
    {
        if (ClassifierHead.Of(_base) is { } head && head != wanted) return $"of a head for {ModelHeads.NameOf(head)}";
        if (wanted == ModelHead.MultipleChoice) return null;
        var isNumbered = _base.Labels.Select((name, id) => name == $"LABEL_{id}").All(isDefault => isDefault);
        return isNumbered || _base.Labels.SequenceEqual(labels) ? null : "of other labels";
    }
}
