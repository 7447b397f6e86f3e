using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.ModelFolders.NewModels;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Running;

/// <summary>
/// The tokenizer, the sizes and the tensors that a run begins with: those of a saved model, or of a new one; and what a stage hands to the
/// next.
/// </summary>
internal sealed class StartingPoint
{
    private readonly ModelConfiguration _base;
    private Dictionary<string, float[]> _tensors = [];
    private IReadOnlyList<string> _labels = [];

    /// <exception cref="RecipeException">The recipe's model does not fit its vocabulary or its stages.</exception>
    /// <exception cref="InvalidModelFileException">The saved model cannot be read.</exception>
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
        }
        else
        {
            Tokenizer = BertTokenizer.Load(ModelFolder.FolderOf(recipe.From));
            _base = LoadFrom(recipe.From);
            _labels = _base.Labels;
            if (ModelGraph.HeadOf(_base) == ModelHead.SequenceClassification) KnownLabels = _base.Labels;
        }

        if (longest > _base.MaxPositionEmbeddings)
            throw new RecipeException(recipe.File, "max_length",
                $"{longest} is longer than the model's max_position_embeddings, {_base.MaxPositionEmbeddings}");
    }

    public BertTokenizer Tokenizer { get; }

    /// <summary>The configuration that stages change.</summary>
    public ModelConfiguration Configuration => _base;

    /// <summary>Labels of the saved model's classifier; null where there is none.</summary>
    public IReadOnlyList<string>? KnownLabels { get; }

    /// <summary>The configuration of a stage's model.</summary>
    /// <param name="stage">Task and dropout.</param>
    /// <param name="labels">Label names by id.</param>
    public ModelConfiguration Configure(StageRecipe stage, IReadOnlyList<string> labels)
    {
        var configuration = _base with { Architectures = [ModelHeads.ClassName(_base, stage.Head)] };
        if (Tokenizer.PadTokenId >= 0) configuration = configuration with { PadTokenId = Tokenizer.PadTokenId };
        if (stage.Dropout is { } dropout) configuration = configuration with { HiddenDropout = dropout, AttentionDropout = dropout };
        return stage.Task.Configure(configuration, labels);
    }

    /// <summary>Gives a model first values, and over them the tensors that have its names and shapes; returns their number.</summary>
    public int Initialize(StageModel model, ulong seed)
    {
        model.Initialize(seed);
        if (!FitsLabels(model.Configuration.Labels)) DropHead();
        return model.Load(_tensors);
    }

    /// <summary>The next stage starts from this model.</summary>
    public void Take(StageModel model)
    {
        _tensors = model.Values();
        _labels = model.Configuration.Labels;
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

    private ModelConfiguration LoadFrom(string path)
    {
        using var folder = ModelFolder.Open(path);
        var head = ModelGraph.HeadOf(folder.Configuration);
        var graph = ModelGraph.Create(folder.Configuration, head == ModelHead.None ? ModelHead.SequenceClassification : head);
        foreach (var parameter in graph.Parameters)
        {
            if (!folder.TryFind(parameter.Name, out _)) continue;
            var values = new float[parameter.Length];
            folder.Weights.Read(parameter, values);
            _tensors[parameter.Name] = values;
        }

        return folder.Configuration;
    }

    // Rows of a classifier belong to its labels: those of others would be a start on the wrong foot. Names that are only numbered say
    // nothing.
    private bool FitsLabels(IReadOnlyList<string> labels) =>
        _labels.SequenceEqual(labels) || _labels.Select((name, id) => name == $"LABEL_{id}").All(isDefault => isDefault);

    private void DropHead()
    {
        foreach (var name in _tensors.Keys.Where(name => name.StartsWith("classifier.", StringComparison.Ordinal)).ToList())
            _tensors.Remove(name);
    }
}
