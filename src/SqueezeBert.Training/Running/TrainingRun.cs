using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Models;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Running;

/// <summary>A run of a recipe: its stages in order, each from the weights of the one before.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly Recipe _recipe;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly CheckpointStore _checkpoints;
    private readonly WorkerPool _pool;
    private readonly BertTokenizer _tokenizer;
    private readonly ModelConfiguration _base;
    private readonly bool _hasLabels;
    private Dictionary<string, float[]> _carried = [];
    private IReadOnlyList<string> _carriedLabels = [];

    public TrainingRun(Recipe recipe, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        _recipe = recipe;
        _progress = progress;
        _cancellation = cancellationToken;
        _checkpoints = new CheckpointStore(recipe.Output);
        var longest = recipe.Stages.Count == 0 ? throw new RecipeException(recipe.File, "stages", "at least one stage is needed") : recipe.Stages.Max(stage => stage.MaxLength);
        if (recipe.From is null)
        {
            if (recipe.Vocabulary is null) throw new RecipeException(recipe.File, "vocabulary", "is missing: vocab.txt of a new model, or 'from' with a saved one");
            _tokenizer = BertTokenizer.Load(recipe.Vocabulary, new BertTokenizerOptions { LowerCase = recipe.LowerCase, ModelMaxLength = longest });
            _base = NewConfiguration(recipe, _tokenizer.Vocabulary.Count);
        }
        else
        {
            _tokenizer = BertTokenizer.Load(recipe.From);
            _base = LoadFrom(recipe.From);
            _hasLabels = ModelGraph.HeadOf(_base) == ModelHead.SequenceClassification;
            _carriedLabels = _base.Labels;
        }

        if (longest > _base.MaxPositionEmbeddings)
            throw new RecipeException(recipe.File, "max_length", $"{longest} is longer than the model's max_position_embeddings, {_base.MaxPositionEmbeddings}");
        _pool = new WorkerPool(recipe.Threads > 0 ? recipe.Threads : WorkerPool.DefaultThreadCount);
    }

    public TrainingResult Execute(bool resume)
    {
        var checkpoint = FindCheckpoint(resume);
        Directory.CreateDirectory(_recipe.Output);
        using var metrics = new MetricsFile(Path.Combine(_recipe.Output, "metrics.jsonl"), append: checkpoint is not null);
        var finished = new List<StageResult>(checkpoint?.State.Finished ?? []);
        for (var index = checkpoint?.State.Stage ?? 0; index < _recipe.Stages.Count; index++)
        {
            RunStage(index, checkpoint, finished, metrics);
            checkpoint = null;
        }

        _checkpoints.Clear();
        return new TrainingResult(_recipe.Output, finished);
    }

    public void Dispose() => _pool.Dispose();

    private static ModelConfiguration NewConfiguration(Recipe recipe, int vocabularySize)
    {
        var json = recipe.Model is null ? [] : (JsonObject)recipe.Model.DeepClone();
        json["model_type"] ??= "squeezebert";
        json["vocab_size"] ??= vocabularySize;
        var configuration = ModelConfiguration.Parse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), recipe.File);
        var known = KnownFields(configuration);
        foreach (var (name, _) in recipe.Model ?? [])
        {
            if (known.Contains(name)) continue;
            var nearest = known.OrderBy(field => ModelPaths.Distance(name, field)).First();
            throw new RecipeException(recipe.File, $"model.{name}", $"unknown field; the nearest known one is '{nearest}'");
        }

        return configuration.VocabularySize >= vocabularySize
            ? configuration
            : throw new RecipeException(recipe.File, "model.vocab_size", $"{configuration.VocabularySize} is less than the vocabulary's {vocabularySize} pieces; leave it out");
    }

    private static List<string> KnownFields(ModelConfiguration configuration)
    {
        ModelConfiguration made = configuration switch
        {
            SqueezeBertConfiguration => new SqueezeBertConfiguration(),
            SeparableConfiguration => new SeparableConfiguration(),
            DistilBertConfiguration => new DistilBertConfiguration(),
            MobileBertConfiguration => new MobileBertConfiguration(),
            _ => new BertConfiguration(),
        };
        return [.. made.ToJson().Select(field => field.Key)];
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
            _carried[parameter.Name] = values;
        }

        return folder.Configuration;
    }

    private Checkpoint? FindCheckpoint(bool resume)
    {
        _checkpoints.CheckOutput(_recipe.File, resume);
        if (!resume) return null;
        var checkpoint = _checkpoints.LoadLatest();
        if (checkpoint is null) return null;
        if (checkpoint.State.Fingerprint != _recipe.Fingerprint || checkpoint.State.Stage >= _recipe.Stages.Count)
            throw new RecipeException(_recipe.File, null, $"has changed since checkpoint {checkpoint.Path} was written; restore it, or delete '{_checkpoints.Folder}' to start anew");
        return checkpoint;
    }

    private void RunStage(int index, Checkpoint? checkpoint, List<StageResult> finished, MetricsFile metrics)
    {
        var stage = _recipe.Stages[index];
        var state = checkpoint?.State ?? new StageState { Fingerprint = _recipe.Fingerprint, Stage = index };
        if (checkpoint is null) state.Finished.AddRange(finished);
        var reporter = new StageReporter(_recipe, stage, index, metrics, _progress);
        reporter.Message(state, "reading data");
        var data = ReadData(stage);
        state.Labels = data.Labels;
        var configuration = Configure(stage, data.Labels);
        using var model = new StageModel(configuration, stage.Task == TrainingTask.MaskedLanguage ? ModelHead.MaskedLanguageModel : ModelHead.SequenceClassification, _pool);
        var masking = stage.Task == TrainingTask.MaskedLanguage ? MakeMasking(stage) : null;
        using var run = new StageRun(stage, data, model, state, _checkpoints, reporter, masking, _recipe.Seed);
        if (checkpoint is null)
        {
            model.Initialize(_recipe.Seed);
            if (!FitsCarriedLabels(configuration.Labels)) DropCarriedHead();
            var loaded = model.Load(_carried);
            reporter.Message(state, $"{Summary(data, model)}, {loaded} of {model.Parameters.Parameters.Count} tensors taken over");
        }
        else
        {
            run.Restore(checkpoint);
            reporter.Message(state, $"{Summary(data, model)}, resumed from {checkpoint.Path}");
        }

        if (data.Train.Count == 0) throw new RecipeException(_recipe.File, $"stages[{index}].data", "has no examples to train on (all of them may be held out: see held_out)");
        if (index > 0 && checkpoint is null) run.Save();
        run.Run(saveAtEnd: index < _recipe.Stages.Count - 1, _cancellation);
        _carried = model.Values();
        _carriedLabels = configuration.Labels;
        var last = index == _recipe.Stages.Count - 1;
        var folder = last ? _recipe.Output : Path.Combine(_recipe.Output, "stages", stage.Name);
        SaveModel(folder, model, last ? _recipe.Precision : TensorType.Float32);
        reporter.Saved(state, $"model {folder}");
        finished.Add(new StageResult(stage.Name, state.Step, state.Tokens, TimeSpan.FromSeconds(state.Seconds), run.Evaluation));
    }

    // Rows of a classifier belong to its labels: those of others would be a start on the wrong foot. Names that are only numbered say nothing.
    private bool FitsCarriedLabels(IReadOnlyList<string> labels) =>
        _carriedLabels.SequenceEqual(labels) || _carriedLabels.Select((name, id) => name == $"LABEL_{id}").All(isDefault => isDefault);

    private void DropCarriedHead()
    {
        foreach (var name in _carried.Keys.Where(name => name.StartsWith("classifier.", StringComparison.Ordinal)).ToList()) _carried.Remove(name);
    }

    private static string Summary(StageData data, StageModel model) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{data.Train.Count:N0} examples of {data.Train.TokenCount:N0} tokens, {data.HeldOut.TextCount:N0} texts held out, {model.Parameters.Parameters.Sum(parameter => parameter.Length):N0} parameters");

    private StageData ReadData(StageRecipe stage)
    {
        var data = new StageData();
        if (stage.Task == TrainingTask.MaskedLanguage)
        {
            for (var i = 0; i < stage.Data.Count; i++) PlainTextData.Read(Path.Combine(_recipe.DataRoot, stage.Data[i].File), i, stage, _tokenizer, data, _cancellation);
            return data;
        }

        LabelledData.Read(stage, _recipe.DataRoot, _hasLabels ? _base.Labels : null, _tokenizer, data, _cancellation);
        if (stage.Task == TrainingTask.SingleLabel && data.Labels.Count < 2)
            throw new RecipeException(_recipe.File, "labels", $"the data have {data.Labels.Count} label{(data.Labels.Count == 1 ? "" : "s")}; a classifier needs at least two");
        if (stage.ClassWeights is { } weights && weights.Count != data.Labels.Count)
            throw new RecipeException(_recipe.File, "class_weights", $"has {weights.Count} numbers for {data.Labels.Count} labels");
        return data;
    }

    private TokenMasking MakeMasking(StageRecipe stage) => _tokenizer.MaskTokenId < 0
        ? throw new RecipeException(_recipe.File, "vocabulary", "has no [MASK] token, which masked-language training needs")
        : new TokenMasking(stage.MaskProbability, _tokenizer.MaskTokenId, _tokenizer.Vocabulary.Count, _tokenizer.IsSpecial);

    private ModelConfiguration Configure(StageRecipe stage, IReadOnlyList<string> labels)
    {
        var language = stage.Task == TrainingTask.MaskedLanguage;
        var configuration = _base with { Architectures = [ArchitectureName(_base.ModelType) + (language ? "ForMaskedLM" : "ForSequenceClassification")] };
        if (_tokenizer.PadTokenId >= 0) configuration = configuration with { PadTokenId = _tokenizer.PadTokenId };
        if (stage.Dropout is { } dropout) configuration = configuration with { HiddenDropout = dropout, AttentionDropout = dropout };
        return language ? configuration : configuration with
        {
            Labels = labels,
            ProblemType = stage.Task switch
            {
                TrainingTask.Regression => ProblemType.Regression,
                TrainingTask.MultiLabel => ProblemType.MultiLabelClassification,
                _ => ProblemType.SingleLabelClassification,
            },
        };
    }

    private static string ArchitectureName(string modelType) => modelType switch
    {
        "squeezebert" => "SqueezeBert",
        "squeezebert-separable" => "SqueezeBertSeparable",
        "bert" => "Bert",
        "distilbert" => "DistilBert",
        _ => "MobileBert",
    };

    private void SaveModel(string folder, StageModel model, TensorType type)
    {
        Directory.CreateDirectory(folder);
        _tokenizer.Save(folder);
        ModelFolder.Save(
            folder, model.Configuration, model.Parameters.Parameters.Select(parameter => new NamedTensor(parameter.Name, parameter.Shape, model.Parameters.ValueSpan(parameter).ToArray())), type);
    }
}
