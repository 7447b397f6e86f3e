using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Training.Tests.Recipes;

public sealed partial class RecipeTests
{
    [Fact]
    public void EveryFieldIsRead()
    {
        var recipe = Load("""
            {
              // A comment.
              "description": "all fields", "output": "out", "data_root": "data", "vocabulary": "vocab.txt", "lower_case": false, "precision": "bfloat16", "seed": 9, "threads": 3,
              "model": { "hidden_size": 32 },
              "stages": [
                {
                  "name": "a-1", "task": "single-label", "labels": { "0": "no", "1": "yes" }, "max_length": 64, "long_texts": "windows", "stride": 16, "epochs": 1.5, "steps": 100, "minutes": 2,
                  "batch_size": 8, "batch_tokens": 500, "micro_batch_tokens": 250, "learning_rate": 1e-3, "warmup": 0.1, "schedule": "cosine", "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-6,
                  "weight_decay": 0.1, "decay_biases_and_norms": true, "clip": 0, "dropout": 0.2, "label_smoothing": 0.1, "class_weights": [1, 2], "held_out": 5,
                  "evaluate_every": 7, "evaluation_limit": 11, "patience": 3, "keep_best": false, "log_every": 4, "checkpoint_steps": 6, "checkpoint_minutes": 0, "keep_checkpoints": 5,
                  "data": [ { "file": "a.tsv", "format": "quoted-tsv", "header": false, "text": "0", "pair": "1", "label": "2", "weight": 0.5, "limit": 12 }, ],
                },
              ],
            }
            """);
        Assert.Equal(("out", false, (TensorType?)TensorType.BFloat16, 9ul, 3),
            (recipe.Output, recipe.LowerCase, recipe.Precision, recipe.Seed, recipe.Threads));
        Assert.Equal([Path.Combine(Folder, "data"), Path.Combine(Folder, "vocab.txt")], [recipe.DataRoot, recipe.Vocabulary]);
        Assert.Equal("""{"hidden_size":32}""", recipe.Model!.ToJsonString());
        var stage = Assert.Single(recipe.Stages);
        Assert.Equal([("0", "no"), ("1", "yes")], stage.Labels!);
        Assert.Equal([1, 2], stage.ClassWeights!);
        Assert.Equal(
            new StageRecipe
            {
                Name = "a-1",
                Task = TrainingTasks.SingleLabel,
                MaxLength = 64,
                LongText = LongText.Windows,
                Stride = 16,
                Epochs = 1.5,
                Steps = 100,
                Minutes = 2,
                BatchSize = 8,
                BatchTokens = 500,
                MicroBatchTokens = 250,
                LearningRate = 1e-3,
                Warmup = 0.1,
                Schedule = ScheduleKind.Cosine,
                Optimizer = new() { Beta1 = 0.8, Beta2 = 0.9, Epsilon = 1e-6, WeightDecay = 0.1, DecayBiasesAndNorms = true },
                Clip = 0,
                Dropout = 0.2,
                LabelSmoothing = 0.1,
                HeldOut = 5,
                EvaluateEvery = 7,
                EvaluationLimit = 11,
                Patience = 3,
                KeepBest = false,
                LogEvery = 4,
                CheckpointSteps = 6,
                CheckpointMinutes = 0,
                KeepCheckpoints = 5,
                Data = stage.Data,
                Labels = stage.Labels,
                ClassWeights = stage.ClassWeights,
            },
            stage);
        Assert.Equal(
            new DataSource
            {
                File = "a.tsv",
                Format = TableFormat.QuotedTsv,
                HasHeader = false,
                Text = "0",
                Pair = "1",
                Label = "2",
                Weight = 0.5,
                Limit = 12
            }, Assert.Single(stage.Data));
    }

    [Theory]
    [InlineData("", "seed", "-1", "must be a whole number from 0")]
    [InlineData("", "output", "null", "is missing")]
    [InlineData("", "vocabulary", "null", "is missing")]
    [InlineData("", "from", "\"m\"", "brings its own")]
    [InlineData("", "precision", "\"float8\"", "\"float32\", \"float16\", \"bfloat16\"")]
    [InlineData("", "stages", "[]", "at least one stage")]
    [InlineData("", "stages", "{}", "must be a list")]
    [InlineData("", "model", "[]", "must be an object")]
    [InlineData("stages[0]", "task", "null", "is missing")]
    [InlineData("stages[0]", "name", "\"a/b\"", "names a folder")]
    [InlineData("stages[0]", "epochs", "null", "give epochs, steps, tokens or minutes")]
    [InlineData("stages[0]", "epochs", "0", "above 0")]
    [InlineData("stages[0]", "epochs", "\"1\"", "must be a number")]
    [InlineData("stages[0]", "max_length", "2", "from 3")]
    [InlineData("stages[0]", "stride", "200", "must be smaller than max_length")]
    [InlineData("stages[0]", "keep_best", "1", "must be true or false")]
    [InlineData("stages[0]", "labels", "[\"a\", \"a\"]", "each once")]
    [InlineData("stages[0]", "labels", "[1]", "texts that are not empty")]
    [InlineData("stages[0]", "class_weights", "[1, 0]", "above 0")]
    [InlineData("stages[0]", "class_weights", "[1, 2, 3]", "2 numbers")]
    [InlineData("stages[0]", "held_outs", "1", "the nearest known one is 'held_out'")]
    [InlineData("stages[0].data[0]", "file", "null", "is missing")]
    [InlineData("stages[0].data[0]", "weight", "0", "above 0")]
    [InlineData("stages[0].data[0]", "txt", "\"a\"", "the nearest known one is 'text'")]
    public void WhatBreaksTheSchemaIsAnErrorThatNamesTheField(string place, string field, string value, string reason)
    {
        var recipe = JsonNode.Parse(Minimal)!;
        var target = place switch { "" => recipe, "stages[0]" => recipe["stages"]![0]!, _ => recipe["stages"]![0]!["data"]![0]! };
        target[field] = JsonNode.Parse(value);
        var error = Assert.Throws<RecipeException>(() => Load(recipe.ToJsonString()));
        Assert.Equal(place.Length == 0 ? field : $"{place}.{field}", error.Field);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("multi-label", "class_weights", "[1, 2]")]
    [InlineData("regression", "label_smoothing", "0.1")]
    [InlineData("masked-language", "labels", "[\"a\"]")]
    [InlineData("similarity", "labels", "[\"a\"]")]
    [InlineData("retrieval", "score_range", "[0, 5]")]
    [InlineData("single-label", "pooling", "\"mean\"")]
    [InlineData("similarity", "scale", "10")]
    [InlineData("masked-language", "wrong_segment", "\"other\"")]
    [InlineData("question-answering", "long_texts", "\"windows\"")]
    [InlineData("masked-language", "long_texts", "\"windows\"")]
    [InlineData("pretraining", "long_texts", "\"windows\"")]
    [InlineData("sentence-order", "long_texts", "\"windows\"")]
    [InlineData("single-label", "stride", "8")]
    [InlineData("token-classification", "stride", "8")]
    [InlineData("masked-language", "stride", "8")]
    [InlineData("intents-and-slots", "stride", "8")]
    [InlineData("retrieval", "stride", "8")]
    [InlineData("single-label", "mask_probability", "0.2")]
    [InlineData("sentence-order", "mask_probability", "0.2")]
    public void AFieldOfAnotherTaskIsAnError(string task, string field, string value)
    {
        var recipe = JsonNode.Parse(Minimal)!;
        recipe["stages"]![0]!.AsObject().Remove("labels");
        recipe["stages"]![0]!["task"] = task;
        recipe["stages"]![0]![field] = JsonNode.Parse(value);
        Assert.Equal($"stages[0].{field}", Assert.Throws<RecipeException>(() => Load(recipe.ToJsonString())).Field);
    }

    /// <summary>Where a task looks at a field it is read, and where it does not the message says which tasks do.</summary>
    [Theory]
    [InlineData("masked-language", "\"mask_probability\": 0.2", "single-label", "is for masked-language, pretraining")]
    [InlineData("pretraining", "\"mask_probability\": 0.2", "joint", "is each head's own")]
    [InlineData("regression", "\"long_texts\": \"windows\", \"stride\": 8", "masked-language",
        "is for single-label, multi-label, regression, token-classification, and masked-language has no windows")]
    [InlineData("question-answering", "\"stride\": 8", "retrieval", "question-answering, and retrieval has no windows")]
    [InlineData("question-answering", "\"stride\": 8", "single-label", "add \"long_texts\": \"windows\"")]
    public void AFieldIsForTheTasksThatLookAtIt(string task, string fields, string other, string reason)
    {
        var (probability, stride) = (Read(task).MaskProbability, Read(task).Stride);
        Assert.Equal(fields.Contains("mask", StringComparison.Ordinal) ? (0.2, 0) : (0.15, 8), (probability, stride));
        Assert.Contains(reason, Assert.Throws<RecipeException>(() => Read(other)).Message, StringComparison.Ordinal);
        Assert.Equal(["masked-language", "pretraining"], TrainingTasks.All.Where(known => known.HasMasks).Select(known => known.Name));
        Assert.Equal(
            ["single-label", "multi-label", "regression", "token-classification"],
            TrainingTasks.All.Where(known => known.CanReadWindows).Select(known => known.Name));
        Assert.Same(TrainingTasks.QuestionAnswering, Assert.Single(TrainingTasks.All, known => known.AlwaysReadsWindows));

        StageRecipe Read(string name)
        {
            var data = name == "joint"
                ? """ "heads": [ { "name": "a", "task": "single-label", "data": [ { "file": "a.csv" } ] } ] """
                : """ "data": [ { "file": "a.csv" } ] """;
            if (name is "masked-language" or "pretraining") data = data.Replace(".csv", ".txt", StringComparison.Ordinal);
            var text = $$"""
                {
                  "output": "out", "vocabulary": "vocab.txt",
                  "stages": [ { "task": "{{name}}", "epochs": 1, {{data}}, {{fields}} } ]
                }
                """;
            return Load(text).Stages[0];
        }
    }

    [Fact]
    public void EachTaskIsCalledByItsNameAndStandsOnThePage()
    {
        var page = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "training.md"))
            .First(line => line.StartsWith("| `task` |", StringComparison.Ordinal));
        var recipe = JsonNode.Parse(Minimal)!;
        recipe["stages"]![0]!.AsObject().Remove("labels");
        recipe["stages"]![0]!["task"] = "none";
        var error = Assert.Throws<RecipeException>(() => Load(recipe.ToJsonString()));
        foreach (var task in TrainingTasks.All)
        {
            recipe["stages"]![0]!["task"] = task.Name;
            recipe["stages"]![0]!["teacher"] = task == TrainingTasks.Distillation ? "teacher" : null;
            recipe["stages"]![0]!["heads"] = !task.HasHeads ? null : JsonNode.Parse(
                """[ { "name": "a", "task": "single-label", "data": [ { "file": "a.csv" } ] } ]""");
            recipe["stages"]![0]!["data"] = task.HasHeads ? null : JsonNode.Parse("""[ { "file": "a.csv" } ]""");
            Assert.Same(task, Load(recipe.ToJsonString()).Stages[0].Task);
            Assert.Contains($"`{task.Name}`", page, StringComparison.Ordinal);
            Assert.Contains($"\"{task.Name}\"", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(TrainingTasks.All.Count, TrainingTasks.All.DistinctBy(task => task.Name).Count());
    }

    /// <summary>The recipes that come with the library are read, and each task has one.</summary>
    [Fact]
    public void TheShippedRecipesAreRead()
    {
        var recipes = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Shipped"), "*.json")
            .Select(file => Recipe.Load(file));
        var tasks = recipes.SelectMany(recipe => recipe.Stages).Select(stage => stage.Task).Distinct();
        Assert.Empty(TrainingTasks.All.Except(tasks));
    }

    /// <summary>A name is the name of a folder, which has room for the model of one stage.</summary>
    [Theory]
    [InlineData("\"words\"", "\"words\"")]
    [InlineData("\"words\"", "\"Words\"")]
    [InlineData("\"stage-2\"", "null")]
    [InlineData("null", "\"stage-1\"")]
    public void TwoStagesOfOneNameAreAnError(string first, string second)
    {
        var recipe = JsonNode.Parse(Minimal)!;
        var stages = recipe["stages"]!.AsArray();
        stages.Add(stages[0]!.DeepClone());
        (stages[0]!["name"], stages[1]!["name"]) = (JsonNode.Parse(first), JsonNode.Parse(second));
        var error = Assert.Throws<RecipeException>(() => Load(recipe.ToJsonString()));
        Assert.Equal("stages[1].name", error.Field);
        Assert.Contains("stages[0] already; give each stage a name of its own", error.Message, StringComparison.Ordinal);

        // A recipe that is made in code is read by nobody but the run.
        stages[1]!["name"] = "other";
        var made = Load(recipe.ToJsonString());
        made = made with { Stages = [made.Stages[0], made.Stages[0]] };
        Assert.Equal("stages[1].name", Assert.Throws<RecipeException>(
            () => Trainer.Run(made, cancellationToken: TestContext.Current.CancellationToken)).Field);
        Assert.False(Directory.Exists(made.Output));
    }

    [Fact]
    public void AByteOrderMarkIsPassedOver()
    {
        var read = Load("\uFEFF" + Minimal);
        Assert.Equal(Load(Minimal).Fingerprint, read.Fingerprint);
        Assert.Throws<RecipeException>(() => Load("\uFEFF\uFEFF" + Minimal));
    }

    [Fact]
    public void BrokenJsonIsAnErrorWithItsPlace()
    {
        Assert.Contains("line 2", Assert.Throws<RecipeException>(() => Load("{\n \"output\" 1 }")).Message, StringComparison.Ordinal);
        Assert.Contains("is there twice", Assert.Throws<RecipeException>(() => Load("""{"output": "a", "output": "b"}""")).Message,
            StringComparison.Ordinal);
        Assert.Contains("must be an object", Assert.Throws<RecipeException>(() => Load("[]")).Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// Each row of the page's tables: the field is known, and where it gives a default, leaving the field out means just that.
    /// </summary>
    [Fact]
    public void ThePageOnTrainingTellsTheTruthAboutFieldsAndDefaults()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "training.md"));
        var fields = 0;
        foreach (var (heading, place) in new[] { ("## The recipe", ""), ("### A stage", "stage"), ("### A file of data", "data") })
        {
            foreach (var row in page[page.IndexOf(heading, StringComparison.Ordinal)..].Split('\n')
                .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.StartsWith('|')))
            {
                var cells = row.Split(" | ");
                var names = Code().Matches(cells[0]).Select(match => match.Groups[1].Value).ToList();
                var defaults = Code().Matches(cells[1]).Select(match => match.Groups[1].Value).ToList();
                for (var i = 0; i < names.Count; i++)
                {
                    fields++;
                    Check(place, names[i], cells[1].StartsWith('`') && i < defaults.Count ? defaults[i] : null);
                }
            }
        }

        Assert.Equal(12 + 61 + 16, fields);
    }

    private static void Check(string place, string field, string? value)
    {
        var recipe = JsonNode.Parse(Minimal)!;
        var target = (place switch { "" => recipe, "stage" => recipe["stages"]![0]!, _ => recipe["stages"]![0]!["data"]![0]! }).AsObject();
        if (!target.ContainsKey(field)) target[field] = null;
        var missing = Load(recipe.ToJsonString());
        if (value is null or "stage-N" || target[field] is not null) return;
        target[field] = double.TryParse(value, out _) || value is "true" or "false" ? JsonNode.Parse(value) : value;
        var given = Load(recipe.ToJsonString());
        Assert.Equal(missing with { Stages = given.Stages, Model = given.Model, Fingerprint = given.Fingerprint }, given);

        // 32 texts, where nothing else limits a step.
        var expected = missing.Stages[0] with
        {
            Data = given.Stages[0].Data,
            Labels = given.Stages[0].Labels,
            BatchSize = field == "batch_size" ? 32 : missing.Stages[0].BatchSize
        };
        Assert.Equal(expected, given.Stages[0]);
        Assert.Equal(missing.Stages[0].Data[0], given.Stages[0].Data[0]);
    }

    private const string Minimal = """
        {
          "output": "out", "vocabulary": "vocab.txt",
          "stages": [ { "task": "single-label", "epochs": 1, "labels": ["a", "b"], "data": [ { "file": "a.csv" } ] } ]
        }
        """;

    private static readonly string Folder = Path.GetFullPath(Path.GetTempPath());

    private static Recipe Load(string json) =>
        RecipeReader.Parse(Path.Combine(Folder, "recipe.json"), System.Text.Encoding.UTF8.GetBytes(json), null);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
