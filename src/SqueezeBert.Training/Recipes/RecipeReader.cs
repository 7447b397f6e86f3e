using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;

namespace SqueezeBert.Training.Recipes;

/// <summary>From JSON to a <see cref="Recipe"/>.</summary>
internal static class RecipeReader
{
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static Recipe Read(string path, string? dataRoot)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException(path, null, Problem(path, e), e);
        }

        return Parse(path, bytes, dataRoot);
    }

    private static string Problem(string path, Exception e)
    {
        if (Directory.Exists(path)) return "is a folder; a recipe is a JSON file";
        if (e is not (FileNotFoundException or DirectoryNotFoundException)) return $"cannot be read: {FileProblem.Of(e)}";
        var nearest = ModelPaths.Nearest(path);
        return nearest.Count == 0 ? "no such file" : $"no such file; did you mean {string.Join(" or ", nearest)}?";
    }

    /// <param name="path">Named in messages; relative paths refer to its folder.</param>
    /// <param name="utf8">The recipe's text.</param>
    /// <param name="dataRoot">As in <see cref="Recipe.Load"/>.</param>
    public static Recipe Parse(string path, ReadOnlyMemory<byte> utf8, string? dataRoot)
    {
        // Editors of Windows write one; the parser takes it for a wrong character.
        if (utf8.Span.StartsWith(ByteOrderMark)) utf8 = utf8[ByteOrderMark.Length..];
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            return Read(path, document.RootElement, dataRoot);
        }
        catch (JsonException e)
        {
            throw new RecipeException(path, null, $"is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", e);
        }
    }

    private static Recipe Read(string path, JsonElement root, string? dataRoot)
    {
        var recipe = new StrictObject(path, "", root);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var ownRoot = recipe.Text("data_root");
        var model = recipe.Raw("model");
        if (model is { ValueKind: not JsonValueKind.Object }) throw recipe.Error("model", "must be an object with fields of config.json");
        var stages = recipe.Objects("stages");
        if (stages.Count == 0) throw recipe.Error("stages", "at least one stage is needed");
        var result = new Recipe
        {
            File = path,
            DataRoot = dataRoot ?? (ownRoot is null ? folder : Path.GetFullPath(ownRoot, folder)),
            Output = recipe.Text("output") ?? throw recipe.Error("output", "is missing: the folder to save the model in"),
            From = recipe.Text("from") is { } from ? NamedModel.Is(from) ? from : Path.GetFullPath(from, folder) : null,
            Vocabulary = recipe.Text("vocabulary") is { } vocabulary ? Path.GetFullPath(vocabulary, folder) : null,
            LowerCase = recipe.Flag("lower_case", true),
            Model = model is null ? null : JsonNode.Parse(model.Value.GetRawText(), documentOptions: Options)!.AsObject(),
            Precision = recipe.Choice<TensorType?>("precision", null, ("float32", TensorType.Float32), ("float16", TensorType.Float16),
                ("bfloat16", TensorType.BFloat16)),
            Seed = (ulong)(recipe.Integer("seed", 0, long.MaxValue) ?? 1),
            Threads = (int)(recipe.Integer("threads", 0, 1024) ?? 0),
            CopyTo = recipe.Text("copy_to"),
            Stages = [.. stages.Select((stage, index) => ReadStage(stage, index, folder))],
            Fingerprint = Fingerprint(root),
        };
        _ = recipe.Text("description");
        recipe.End();
        StageNames.Check(result);
        if (result.From is null && result.Vocabulary is null)
            throw recipe.Error("vocabulary", "is missing: vocab.txt of a new model, or 'from' with a saved one");
        if (result.From is not null && (result.Model is not null || result.Vocabulary is not null))
            throw recipe.Error("from", "a saved model brings its own 'model' and 'vocabulary'; leave them out");
        return result;
    }

    private static StageRecipe ReadStage(StrictObject o, int index, string folder)
    {
        var tasks = TrainingTasks.All;
        var task = o.Choice("task", null, [.. tasks.Select(task => (task.Name, (TrainingTask?)task))])
            ?? throw o.Error("task", $"is missing: {string.Join(", ", tasks.SkipLast(1))} or {tasks[^1]}");
        var defaults = new StageRecipe { Name = "", Task = task, Data = [] };
        var data = o.Objects("data");
        if (data.Count == 0 && !task.HasHeads) throw o.Error("data", "at least one file is needed");
        var evaluation = o.Objects("evaluation").Select(source => ReadSource(source, task)).ToList();
        var teachers = DistillationFields.ReadTeachers(o, folder);
        var stage = new StageRecipe
        {
            Name = o.Text("name") ?? StageNames.Default(index),
            Task = task,
            Data = [.. data.Select(source => ReadSource(source, task))],
            Heads = o.Objects("heads").Select(head => HeadRecipeFields.Read(head, folder)).ToList() is { Count: > 0 } heads ? heads
                : defaults.Heads,
            Labels = ReadLabels(o),
            MaxLength = (int)(o.Integer("max_length", 3, 1 << 20) ?? defaults.MaxLength),
            LongText = o.Choice("long_texts", LongText.Truncate, ("truncate", LongText.Truncate), ("windows", LongText.Windows)),
            Stride = (int)(o.Integer("stride", 0, 1 << 20) ?? 0),
            Epochs = o.Number("epochs", 0, 1e6, excludeMinimum: true),
            Steps = o.Integer("steps", 1, long.MaxValue),
            Tokens = o.Integer("tokens", 1, long.MaxValue),
            Minutes = o.Number("minutes", 0, 1e6, excludeMinimum: true),
            BatchSize = (int?)o.Integer("batch_size", 1, 1 << 20),
            BatchTokens = (int?)o.Integer("batch_tokens", 1, 1 << 28),
            MicroBatchTokens = (int)(o.Integer("micro_batch_tokens", 1, 1 << 24) ?? defaults.MicroBatchTokens),
            LearningRate = o.Number("learning_rate", 0, 10, excludeMinimum: true) ?? defaults.LearningRate,
            Warmup = o.Number("warmup", 0, 1) ?? defaults.Warmup,
            WarmupSteps = o.Integer("warmup_steps", 1, long.MaxValue),
            Decay = o.Number("decay", 0, 1, excludeMinimum: true) ?? defaults.Decay,
            Schedule = o.Choice("schedule", ScheduleKind.Linear, ("linear", ScheduleKind.Linear), ("cosine", ScheduleKind.Cosine),
                ("constant", ScheduleKind.Constant), ("warmup-stable-decay", ScheduleKind.WarmupStableDecay)),
            Clip = o.Number("clip", 0, 1e6) ?? defaults.Clip,
            Dropout = o.Number("dropout", 0, 0.99),
            LabelSmoothing = o.Number("label_smoothing", 0, 0.99) ?? 0,
            ClassWeights = o.Numbers("class_weights"),
            HashedNgrams = ReadNgrams(o),
            MaskProbability = o.Number("mask_probability", 0, 1, excludeMinimum: true) ?? defaults.MaskProbability,
            WrongSegment = o.Choice<WrongSegment?>("wrong_segment", null, ("swapped", WrongSegment.Swapped), ("other", WrongSegment.Other)),
            Pooling = o.Choice<SentencePooling?>("pooling", null, ("mean", SentencePooling.Mean), ("cls", SentencePooling.Cls),
                ("max", SentencePooling.Max)),
            ScoreRange = ReadScoreRange(o),
            Scale = o.Number("scale", 0, 1000, excludeMinimum: true),
            TokenCache = o.Text("token_cache") is { } tokens ? Path.GetFullPath(tokens, folder) : null,
            WholeWords = o.Flag("whole_words", false),
            Prune = o.Object("prune") is { } prune ? PruningFields.Read(prune) : null,
            Teacher = teachers.Count > 0 ? teachers[0] : null,
            OtherTeachers = teachers.Count > 1 ? [.. teachers.Skip(1)] : defaults.OtherTeachers,
            TeacherCache = o.Text("teacher_cache") is { } cache ? Path.GetFullPath(cache, folder) : null,
            SoftLabels = o.Object("soft_labels") is { } soft ? DistillationFields.ReadSoftLabels(soft) : null,
            Losses = o.Object("losses") is { } losses ? DistillationFields.Read(losses) : null,
            Similarity = o.Object("similarity") is { } similarity ? ReadSource(similarity, task) : null,
            Exclude = o.Objects("exclude").Select(source => ReadSource(source, task)).ToList() is { Count: > 0 } excluded ? excluded
                : defaults.Exclude,
            Evaluation = evaluation.Count > 0 ? evaluation : defaults.Evaluation,
            HeldOut = (int)(o.Integer("held_out", 0, 1 << 30) ?? (evaluation.Count > 0 ? 0 : defaults.HeldOut)),
            EvaluateEvery = (int)(o.Integer("evaluate_every", 0, int.MaxValue) ?? 0),
            EvaluationLimit = (int)(o.Integer("evaluation_limit", 1, int.MaxValue) ?? defaults.EvaluationLimit),
            Patience = (int)(o.Integer("patience", 0, int.MaxValue) ?? 0),
            KeepBest = o.Flag("keep_best", true),
            Baseline = o.Flag("baseline", true),
            LogEvery = (int)(o.Integer("log_every", 1, int.MaxValue) ?? defaults.LogEvery),
            CheckpointSteps = (int)(o.Integer("checkpoint_steps", 0, int.MaxValue) ?? 0),
            CheckpointMinutes = o.Number("checkpoint_minutes", 0, 1e6) ?? defaults.CheckpointMinutes,
            KeepCheckpoints = (int)(o.Integer("keep_checkpoints", 1, 1000) ?? defaults.KeepCheckpoints),
        };
        stage = OptimizerFields.Read(o, stage);
        o.End();
        Check(o, stage);
        return stage;
    }

    private static void Check(StrictObject o, StageRecipe stage)
    {
        if (stage.Epochs is null && stage.Steps is null && stage.Tokens is null && stage.Minutes is null)
            throw o.Error("epochs", "is missing: give epochs, steps, tokens or minutes");
        if (stage.Name.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") >= 0)
            throw o.Error("name", "names a folder: use letters, digits, '-' and '_'");
        if (stage.Stride >= stage.MaxLength - 2) throw o.Error("stride", "must be smaller than max_length without the special tokens");
        stage.Task.Check(stage, o.Error);
    }

    internal static DataSource ReadSource(StrictObject o, TrainingTask task)
    {
        var source = new DataSource
        {
            File = o.Text("file") ?? throw o.Error("file", "is missing"),
            Format = ReadFormat(o),
            Separator = ReadSeparator(o),
            HasHeader = o.Flag("header", true),
            Text = o.Text("text") ?? task.TextColumn,
            Pair = o.Text("pair") ?? task.PairColumn,
            Choices = o.Texts("choices") ?? [],
            Negative = o.Text("negative"),
            Intent = o.Text("intent") ?? task.IntentColumn,
            Label = o.Text("label") ?? task.LabelColumn,
            IsUnlabelled = o.Flag("unlabelled", false),
            Group = o.Text("group"),
            Weight = o.Number("weight", 0, 1000, excludeMinimum: true) ?? 1,
            Limit = (int?)o.Integer("limit", 1, int.MaxValue),
            Form = o.Choice("form", TextForm.Sentences, [.. Enum.GetValues<TextForm>().Select(form =>
                (form.ToString().ToLowerInvariant(), form))]),
            Sample = o.Number("sample", 0, 1, excludeMinimum: true) ?? 1,
        };
        o.End();
        if (source.Separator != ',' && (source.Format ?? TableFormats.FromPath(source.File)) is not (null or TableFormat.Csv))
            throw o.Error("separator", "is for CSV; say \"format\": \"csv\" if the file is one");
        return source;
    }

    internal static HashedNgrams? ReadNgrams(StrictObject o)
    {
        if (o.Object(HashedNgramFields.Field) is not { } fields) return null;
        var ngrams = new HashedNgrams();
        ngrams = ngrams with
        {
            Buckets = (int)(fields.Integer(HashedNgramFields.Buckets, 1, HashedNgramFields.MaxBuckets) ?? ngrams.Buckets),
            Dimensions = (int)(fields.Integer(HashedNgramFields.Dimensions, 1, HashedNgramFields.MaxDimensions) ?? ngrams.Dimensions),
        };
        if (fields.Numbers(HashedNgramFields.Lengths) is { } lengths)
        {
            if (lengths is not [var least, var most] || !HashedNgramFields.AreLengths(least, most))
                throw fields.Error(HashedNgramFields.Lengths, $"must be {HashedNgramFields.LengthsMeant}, such as [2, 4]");
            ngrams = ngrams with { MinLength = (int)least, MaxLength = (int)most };
        }

        fields.End();
        return ngrams;
    }

    private static (double Lowest, double Highest)? ReadScoreRange(StrictObject o) => o.Numbers("score_range") switch
    {
        null => null,
        [var lowest, var highest] when lowest < highest => (lowest, highest),
        _ => throw o.Error("score_range", "must be the lowest and the highest score of the data: [0, 5]"),
    };

    private static char ReadSeparator(StrictObject o)
    {
        if (o.Text("separator") is not { } text) return ',';
        return text is [var character] && character is > ' ' and < '\u007F' and not '"' ? character
            : throw o.Error("separator", "must be one character, such as \";\"");
    }

    private static TableFormat? ReadFormat(StrictObject o)
    {
        if (o.Text("format") is not { } name) return null;
        return TableFormats.TryParse(name, out var format) ? format
            : throw o.Error("format", $"must be one of {string.Join(", ", TableFormats.Names.Select(known => $"\"{known}\""))}");
    }

    /// <summary>A list of values that are names too, or an object from value to name.</summary>
    internal static List<(string Value, string Name)>? ReadLabels(StrictObject o)
    {
        if (o.Raw("labels") is not { } labels) return null;
        var result = new List<(string Value, string Name)>();
        if (labels.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in labels.EnumerateArray()) result.Add((Name(item), Name(item)));
        }
        else if (labels.ValueKind == JsonValueKind.Object)
        {
            foreach (var item in labels.EnumerateObject()) result.Add((item.Name, Name(item.Value)));
        }
        else
        {
            throw o.Error("labels", "must be a list of names, or an object from the value in the data to the name");
        }

        if (result.Count == 0 || result.DistinctBy(label => label.Value).Count() != result.Count
            || result.DistinctBy(label => label.Name).Count() != result.Count)
            throw o.Error("labels", "needs at least one label, each once");
        return result;

        string Name(JsonElement element) => element.ValueKind == JsonValueKind.String && element.GetString()!.Length > 0
            ? element.GetString()!
            : throw o.Error("labels", "names must be texts that are not empty");
    }

    // Threads and the output's place may differ between an interrupted run and its continuation.
    private static string Fingerprint(JsonElement root)
    {
        var node = JsonNode.Parse(root.GetRawText(), documentOptions: Options)!.AsObject();
        foreach (var field in new[] { "threads", "output", "data_root", "description", "copy_to" }) node.Remove(field);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(node.ToJsonString())))[..16];
    }
}
