using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Spectre.Console;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.Training;
using SqueezeBert.Models;
using SqueezeBert.Training;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Cli.Tests;

public sealed partial class TrainTests
{
    [Fact]
    public void ARecipeTrainsAModelThatClassifies()
    {
        using var folder = new TrainingFolder();
        var run = ToolRun.Of("train", folder.Recipe("model"));
        var output = run.Succeeds();
        Assert.Matches(@"(?m)^toy +276 +[\d,]+ +\d+:\d\d +\d+ +\d\.\d{4} +(9\d\.\d|100\.0) %$", output);
        Assert.Contains($"try:   squeezebert classify --model {folder.File("model")}", output, StringComparison.Ordinal);
        Assert.Contains("toy: step 1 ", run.Error, StringComparison.Ordinal);
        Assert.Contains("held-out loss", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("good ", Classify(folder.File("model"), "w0 w1 w2 w3"), StringComparison.Ordinal);
        Assert.StartsWith("bad ", Classify(folder.File("model"), "w5 w6 w7 w8"), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileTrainsWithDefaultsAndLeavesARecipeThatGivesTheSameModel()
    {
        using var folder = new TrainingFolder();
        Train(folder, "first", "--epochs", "0.3").Succeeds();
        var recipe = JsonNode.Parse(File.ReadAllText(folder.File("first/recipe.json")))!;
        var stage = recipe["stages"]![0]!;
        Assert.Equal("single-label", (string?)stage["task"]);
        Assert.Equal("""["bad","good"]""", stage["labels"]!.ToJsonString());
        Assert.Equal(256, (int)stage["max_length"]!);
        Assert.Equal(5e-4, (double)stage["learning_rate"]!);
        Assert.Equal(10, (int)stage["held_out"]!);

        // 40 texts are too few to choose on.
        Assert.False((bool)stage["keep_best"]!);
        ToolRun.Of("train", folder.File("first/recipe.json"), "--output", folder.File("second")).Succeeds();
        Assert.Equal(File.ReadAllBytes(folder.File("first/model.safetensors")), File.ReadAllBytes(folder.File("second/model.safetensors")));
    }

    [Fact]
    public void AModelToStartFromKeepsItsLabelsAndItsHeadWhereTheDataHaveThem()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("model", recipe => recipe["stages"]![0]!["labels"] = new JsonArray("good", "bad"))).Succeeds();
        Train(folder, "tuned", "--from", folder.File("model"), "--epochs", "0.1", "--learning-rate", "1e-6", "--max-length", "24")
            .Succeeds();
        Assert.Equal(["good", "bad"], ModelConfiguration.Load(folder.File("tuned")).Labels);
        Assert.StartsWith("good ", Classify(folder.File("tuned"), "w0 w1 w2 w3"), StringComparison.Ordinal);

        // As many labels with other names: the encoder is kept, the head is new.
        folder.Write("reviews.csv",
            [.. File.ReadAllLines(folder.File("reviews.csv"))
                .Select(line => line.Replace(",good", ",ham", StringComparison.Ordinal)
                    .Replace(",bad", ",spam", StringComparison.Ordinal))]);
        var renamed = Train(folder, "renamed", "--from", folder.File("model"), "--epochs", "0.1", "--max-length", "24");
        renamed.Succeeds();
        Assert.Equal(["ham", "spam"], ModelConfiguration.Load(folder.File("renamed")).Labels);
        var taken = TakenOver().Match(renamed.Error);
        Assert.Equal(int.Parse(taken.Groups[2].Value, CultureInfo.InvariantCulture) - 2,
            int.Parse(taken.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void PartsAreFrozenAndAdaptersAreMerged()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("model")).Succeeds();
        ToolRun Tune(string name, params string[] options) =>
            Train(folder, name, ["--from", folder.File("model"), "--epochs", "0.1", "--max-length", "24", .. options]);
        var frozen = Tune("frozen", "--freeze", "encoder");
        Assert.Matches(@"(?m)^peak:  [\d,]+ MB of memory, [\d,]+ MB of it for models and steps$", frozen.Succeeds());
        Assert.Contains(" are trained", frozen.Error, StringComparison.Ordinal);
        Tune("layer", "--freeze", "1").Succeeds();
        Tune("adapted", "--lora", "2").Succeeds();
        Assert.Equal("1", JsonNode.Parse(File.ReadAllText(folder.File("layer/recipe.json")))!["stages"]![0]!["freeze"]!.ToJsonString());
        Assert.StartsWith("good ", Classify(folder.File("adapted"), "w0 w1 w2 w3"), StringComparison.Ordinal);
        using ModelFolder start = ModelFolder.Open(folder.File("model")), adapted = ModelFolder.Open(folder.File("adapted"));
        Assert.Equal(start.Tensors.Names.Order(), adapted.Tensors.Names.Order());
        Tune("none", "--freeze", "head").AssertFails(2, "--freeze must be \"embeddings\", \"encoder\" or the number of layers");
        Tune("none", "--freeze", "9").AssertFails(1, "--freeze: 9 layers cannot be frozen");
        Tune("none", "--freeze", "encoder", "--lora", "2").AssertFails(2, "--freeze 'lora' keeps the whole encoder");
    }

    [Fact]
    public void WithoutAStartTheModelInTheBoxIsTuned()
    {
        using var folder = new TrainingFolder();
        var box = ModelConfiguration.Load(EmbeddingModels.English);
        var run = ToolRun.Of("train", "--data", folder.File("reviews.csv"), "--text", "review", "--label", "verdict", "--output",
            folder.File("new-labels"), "--epochs", "0.05");
        run.Succeeds();
        var taken = TakenOver().Match(run.Error);
        Assert.Equal(int.Parse(taken.Groups[2].Value, CultureInfo.InvariantCulture) - 2,
            int.Parse(taken.Groups[1].Value, CultureInfo.InvariantCulture));
        var stage = JsonNode.Parse(File.ReadAllText(folder.File("new-labels/recipe.json")))!["stages"]![0]!;
        Assert.Equal(Math.Min(5e-4, 5e-5 * Math.Pow(768.0 / box.HiddenSize, 2)), (double)stage["learning_rate"]!, 5e-6);
        Assert.Equal(256, (int)stage["max_length"]!);

        // Its own labels keep what its head has learnt, whatever their order in the data.
        folder.Write("own.csv",
            [.. File.ReadAllLines(folder.File("reviews.csv"))
                .Select(line => line.Replace(",good", ",positive", StringComparison.Ordinal)
                    .Replace(",bad", ",negative", StringComparison.Ordinal))]);
        ToolRun.Of("train", "--data", folder.File("own.csv"), "--text", "review", "--label", "verdict", "--output", folder.File("own"),
            "--epochs", "0.05", "--learning-rate", "1e-9").Succeeds();
        Assert.Equal("box:sentiment", (string?)JsonNode.Parse(File.ReadAllText(folder.File("own/recipe.json")))!["from"]);
        Assert.Equal(
            ModelConfiguration.Load(PretrainedModels.Sentiment).Labels, ModelConfiguration.Load(folder.File("own")).Labels);
        Assert.StartsWith("positive ", Classify(folder.File("own"), "A wonderful film."), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileToEvaluateOnAndAGroupGoIntoTheRecipe()
    {
        using var folder = new TrainingFolder();
        var rows = File.ReadAllLines(folder.File("reviews.csv"));
        folder.Write("reviews.csv", [.. rows[..301]]);
        folder.Write("dev.csv", [rows[0], .. rows[301..]]);
        var run = Train(folder, "model", "--epochs", "0.2", "--evaluation", folder.File("dev.csv"));
        Assert.Matches(@"(?m)^labels +\d+ +[\d,]+ +\d+:\d\d +100 +", run.Succeeds());
        var stage = JsonNode.Parse(File.ReadAllText(folder.File("model/recipe.json")))!["stages"]![0]!;
        Assert.Equal(folder.File("dev.csv"), (string?)stage["evaluation"]![0]!["file"]);
        Assert.Equal((null, false), (stage["held_out"], (bool)stage["keep_best"]!));

        // 400 rows of four texts: by text some of the four would be trained on and others evaluated; a group keeps them together.
        folder.Write("grouped.csv",
            [.. Enumerable.Range(0, 400).Select(i =>
                    $"w{i % 4} w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w{i % 20},{(i % 2 == 0 ? "good" : "bad")},{i % 4}")
                .Prepend("review,verdict,author")]);
        var split = Train(folder, "split", "--epochs", "0.1", "--data", folder.File("grouped.csv"), "--held-out", "3");
        Assert.Contains("of the evaluated texts are nearly the same", split.Succeeds(), StringComparison.Ordinal);
        Assert.Contains("warning: ", split.Error, StringComparison.Ordinal);
        Train(folder, "grouped", "--epochs", "0.1", "--data", folder.File("grouped.csv"), "--held-out", "3", "--group", "author")
            .Succeeds();
        stage = JsonNode.Parse(File.ReadAllText(folder.File("grouped/recipe.json")))!["stages"]![0]!;
        Assert.Equal("author", (string?)stage["data"]![0]!["group"]);
    }

    [Theory]
    [InlineData("1", "2", "10", "single-label", """["1","2","10"]""")]
    [InlineData("b", "a", "c", "single-label", """["a","b","c"]""")]
    [InlineData("1", "2.5", "10", "regression", null)]
    [InlineData("1.0", "2.0", "3.0", "single-label", """["1.0","2.0","3.0"]""")]
    [InlineData("1", "2", "x", "single-label", """["1","2","x"]""")]
    public void TheLabelColumnDecidesTheTask(string first, string second, string third, string task, string? labels)
    {
        using var folder = new TrainingFolder();
        folder.Write("data.jsonl",
            [.. Enumerable.Range(0, 30)
                .Select(i => $$"""{"text": "w{{i % 20}} w1", "label": "{{(i % 3) switch { 0 => first, 1 => second, _ => third }}}"}""")]);
        ToolRun.Of("train", "--data", folder.File("data.jsonl"), "--vocab", folder.File("vocab.txt"), "--output", folder.File("model"),
            "--epochs", "0.1").Succeeds();
        var stage = JsonNode.Parse(File.ReadAllText(folder.File("model/recipe.json")))!["stages"]![0]!;
        Assert.Equal(task, (string?)stage["task"]);
        Assert.Equal(labels, stage["labels"]?.ToJsonString());
        Assert.Equal(20, Epochs(folder));
    }

    [Fact]
    public void TaskOverridesWhatTheColumnLooksLike()
    {
        using var folder = new TrainingFolder();
        folder.Write("tags.tsv",
            [.. Enumerable.Range(0, 30).Select(i => $"w{i % 20}\tw1\t{(i % 3) switch { 0 => "x,y", 1 => "z", _ => "" }}")
                .Prepend("text\tother\tlabel")]);
        ToolRun.Of(
            "train", "--data", folder.File("tags.tsv"), "--pair", "other", "--task", "multi-label", "--vocab", folder.File("vocab.txt"),
            "--output", folder.File("model"), "--epochs", "0.1").Succeeds();
        var configuration = ModelConfiguration.Load(folder.File("model"));
        Assert.Equal(["x", "y", "z"], configuration.Labels);
        Assert.Equal(ProblemType.MultiLabelClassification, configuration.ProblemType);
    }

    [Fact]
    public void QuotedTabsJsonArraysAndFilesWithoutAHeaderAreRead()
    {
        using var folder = new TrainingFolder();
        folder.Write("quoted.tsv", [.. Enumerable.Range(0, 30).Select(i => $"\"w{i % 20}\tw1\"\t{(i % 2 == 0 ? "yes" : "no")}")]);
        ToolRun.Of(
            "train", "--data", folder.File("quoted.tsv"), "--format", "quoted-tsv", "--no-header", "--text", "0", "--label", "1", "--vocab",
            folder.File("vocab.txt"),
            "--output", folder.File("quoted"), "--epochs", "0.1").Succeeds();
        Assert.Equal(["no", "yes"], ModelConfiguration.Load(folder.File("quoted")).Labels);
        folder.Write("tags.jsonl",
            [.. Enumerable.Range(0, 30)
                .Select(i => $$"""{"text": "w{{i % 20}}", "label": {{(i % 2 == 0 ? """["two words", "b"]""" : "[]")}}}""")]);
        ToolRun.Of(
            "train", "--data", folder.File("tags.jsonl"), "--task", "multi-label", "--vocab", folder.File("vocab.txt"), "--output",
            folder.File("tags"), "--epochs", "0.1").Succeeds();
        Assert.Equal(["b", "two words"], ModelConfiguration.Load(folder.File("tags")).Labels);
        ToolRun.Of("train", folder.Recipe("bad", recipe => recipe["stages"]![0]!["data"]![0]!["format"] = "xls"))
            .AssertFails(1, "stages[0].data[0].format", "quoted-tsv");
    }

    [Fact]
    public void FieldsMayBeSeparatedBySemicolons()
    {
        using var folder = new TrainingFolder();
        var rows = File.ReadAllLines(folder.File("reviews.csv"));
        folder.Write("semicolons.csv", [.. rows.Select(row => row.Replace(',', ';'))]);
        Train(folder, "commas", "--epochs", "0.3").Succeeds();
        string[] data = ["--data", folder.File("semicolons.csv"), "--evaluation", folder.File("semicolons.csv"), "--epochs", "0.3"];
        Train(folder, "refused", data).AssertFails(1, "semicolons.csv", "--separator ';'");
        Train(folder, "semicolons", [.. data, "--separator", ";"]).Succeeds();
        var stage = JsonNode.Parse(File.ReadAllText(folder.File("semicolons/recipe.json")))!["stages"]![0]!;
        Assert.Equal((";", ";"), ((string?)stage["data"]![0]!["separator"], (string?)stage["evaluation"]![0]!["separator"]));

        // Rows are rows: what is between the fields leaves no trace in the model.
        ToolRun.Of("train", folder.Recipe("a")).Succeeds();
        var other = folder.Recipe("b", recipe =>
        {
            recipe["stages"]![0]!["data"]![0]!["file"] = "semicolons.csv";
            recipe["stages"]![0]!["data"]![0]!["separator"] = ";";
        });
        ToolRun.Of("train", other).Succeeds();
        Assert.Equal(File.ReadAllBytes(folder.File("a/model.safetensors")), File.ReadAllBytes(folder.File("b/model.safetensors")));
    }

    [Theory]
    [InlineData("semicolon", "reviews.csv", "must be one character")]
    [InlineData("\"", "reviews.csv", "must be one character")]
    [InlineData(";", "rows.jsonl", "is for CSV")]
    public void ASeparatorIsOneCharacterOfACsv(string separator, string file, string message)
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("model", recipe =>
        {
            recipe["stages"]![0]!["data"]![0]!["file"] = file;
            recipe["stages"]![0]!["data"]![0]!["separator"] = separator;
        })).AssertFails(1, "stages[0].data[0].separator", message);
        ToolRun.Of("train", "--data", "rows.jsonl", "--output", folder.File("x"), "--separator", ";")
            .AssertFails(2, "--separator is for CSV; rows.jsonl is read as jsonl");
    }

    [Fact]
    public async Task AProcessThatIsInterruptedSavesAndItsContinuationGivesTheSameBits()
    {
        // A signal to another process is a matter of Unix; the trainer's own tests cancel on every platform.
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGINT to send to a process");
        using var folder = new TrainingFolder();
        void Long(JsonObject recipe) => recipe["stages"]![0]!["epochs"] = 300;
        var recipe = folder.Recipe("parts", Long);
        using (var process = ToolRun.Start("train", recipe, "--threads", "1"))
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var lines = new List<string>();
            while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                lines.Add(line);
                if (line.StartsWith("toy: step 1 ", StringComparison.Ordinal)) Assert.Equal(0, Kill(process.Id, 2));
            }

            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(1, process.ExitCode);
            Assert.Equal(
                $"squeezebert train: interrupted; a checkpoint is saved, go on with: squeezebert train {recipe} --resume --threads 1",
                lines[^1]);
            Assert.Empty(await output);
        }

        Assert.False(File.Exists(folder.File("parts/model.safetensors")));
        ToolRun.Of("train", recipe).AssertFails(1, "unfinished run", "--resume");
        ToolRun.Of("train", recipe, "--resume", "--threads", "2").Succeeds();
        ToolRun.Of("train", folder.Recipe("whole", Long)).Succeeds();
        Assert.Equal(File.ReadAllBytes(folder.File("whole/model.safetensors")), File.ReadAllBytes(folder.File("parts/model.safetensors")));
        ToolRun.Of("train", recipe, "--resume").AssertFails(1, "that run has ended");
    }

    [Fact]
    public void MetricsTellTheTrainingTimeAtEveryEvent()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("model", recipe => recipe["stages"]![0]!["epochs"] = 2)).Succeeds();
        var events = File.ReadAllLines(folder.File("model/metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["step", "evaluation", "saved"], events.Select(line => line.GetProperty("event").GetString()).Distinct());
        var seconds = events.Select(line => line.GetProperty("seconds").GetDouble()).ToList();
        Assert.All(seconds, value => Assert.True(value > 0));
        Assert.Equal(seconds.Order(), seconds);
    }

    [Fact]
    public void OptionsGoIntoTheRecipe()
    {
        using var folder = new TrainingFolder();
        Train(folder, "model", "--epochs", "0.3", "--labels", "good=positive,bad=negative", "--precision", "bfloat16", "--warmup", "0.2",
            "--dropout", "0.05", "--patience", "3").Succeeds();
        var recipe = JsonNode.Parse(File.ReadAllText(folder.File("model/recipe.json")))!;
        var stage = recipe["stages"]![0]!;
        Assert.Equal("""{"good":"positive","bad":"negative"}""", stage["labels"]!.ToJsonString());
        Assert.Equal((0.2, 0.05, 3, "bfloat16"),
            ((double)stage["warmup"]!, (double)stage["dropout"]!, (int)stage["patience"]!, (string?)recipe["precision"]));
        using var model = ModelFolder.Open(folder.File("model"));
        Assert.Equal(["positive", "negative"], model.Configuration.Labels);
        Assert.All(model.Tensors.Names, name =>
        {
            Assert.True(model.Tensors.TryGetTensor(name, out var info));
            Assert.Equal(TensorType.BFloat16, info.Type);
        });
        Train(folder, "plain", "--epochs", "0.1", "--labels", "good,bad").Succeeds();
        Assert.Equal(["good", "bad"], ModelConfiguration.Load(folder.File("plain")).Labels);
        Train(folder, "wrong", "--epochs", "0.1", "--labels", "good,worse").AssertFails(1, "reviews.csv:", "'bad'");
        Train(folder, "twice", "--labels", "good=a,good=b").AssertFails(2, "--labels names 'good' twice");
    }

    [Fact]
    public void TheRecipeNamesTheModelInTheBoxWhereverTheToolIs()
    {
        using var folder = new TrainingFolder();
        var run = ToolRun.Of("train", "--data", folder.File("reviews.csv"), "--text", "review", "--label", "verdict", "--output",
            folder.File("model"), "--epochs", "0.05");
        run.Succeeds();
        var text = File.ReadAllText(folder.File("model/recipe.json"));
        Assert.Equal("box:embeddings", (string?)JsonNode.Parse(text)!["from"]);
        Assert.DoesNotContain(AppContext.BaseDirectory, text, StringComparison.Ordinal);
        ToolRun.Of("train", folder.File("model/recipe.json"), "--output", folder.File("again")).Succeeds();
        Assert.Equal(File.ReadAllBytes(folder.File("model/model.safetensors")), File.ReadAllBytes(folder.File("again/model.safetensors")));

        // It ships in 8 and 4 bits, of which half precision loses nothing.
        using var model = ModelFolder.Open(folder.File("model"));
        Assert.True(model.Tensors.TryGetTensor("classifier.weight", out var info));
        Assert.Equal(TensorType.Float16, info.Type);
        Assert.Matches(@"(?m)^labels: [\d,]+ tokens to train on, about \d+:\d\d:\d\d on this machine", run.Error);
        Assert.Matches(@"(?m)^labels: a linear model on words and pairs of words has accuracy \d", run.Error);
        Assert.Contains("labels: the last weights were kept", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^labels: \d+\.\d % against \d+\.\d % of a linear model", run.Output);
    }

    [Fact]
    public void AModelThatIsNotInTheBoxIsRefused()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", "--data", folder.File("reviews.csv"), "--text", "review", "--label", "verdict", "--output",
            folder.File("model"), "--from", "box:emotions")
            .AssertFails(2, "no 'box:emotions' in the box", "box:embeddings", "box:sentiment");
        Assert.False(Directory.Exists(folder.File("model")));
    }

    [Theory]
    [InlineData(5, 256, 1.1e-4, 10)]
    [InlineData(5, 384, 5e-5, 10)]
    [InlineData(5, 768, 5e-5, 10)]
    [InlineData(5, 32, 5e-4, 10)]
    [InlineData(4, 384, 2e-4, 20)]
    [InlineData(1, 768, 5e-5, 20)]
    public void AShallowModelIsTunedAtAHigherRateThanADeepOne(int layers, int width, double rate, int epochs)
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("new", "squeezebert", folder.File("start"), $"hidden_size={width}", $"embedding_size={width}",
            $"num_hidden_layers={layers}", "num_attention_heads=4", "intermediate_size=64", "--vocab", folder.File("vocab.txt")).Succeeds();
        var path = new FileRecipe
        {
            Files = [folder.File("reviews.csv")],
            Text = "review",
            Label = "verdict",
            Output = folder.File("model"),
            From = folder.File("start"),
        }.Write(TestContext.Current.CancellationToken);
        var stage = JsonNode.Parse(File.ReadAllText(path))!["stages"]![0]!;
        Assert.Equal((rate, epochs), ((double)stage["learning_rate"]!, (double)stage["epochs"]!));
    }

    [Fact]
    public void ATerminalShowsABarAStage()
    {
        using var screen = new Screen();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(screen),
        });
        console.Profile.Width = 120;
        var result = new LiveTrainingDisplay(console, CancellationToken.None).Show(progress =>
        {
            var step = new TrainingProgress
            {
                Event = TrainingEvent.Step,
                Stage = "words",
                StageCount = 2,
                Step = 5,
                Fraction = 0.25,
                Loss = 1.5,
                TokensPerSecond = 1234,
                Remaining = TimeSpan.FromSeconds(3723)
            };
            progress.Report(step with { Event = TrainingEvent.Stage, Message = "reading data" });
            progress.Report(step);
            screen.WaitFor("1:02:03 left");
            return new TrainingResult("out", []);
        });
        Assert.Equal("out", result.Output);
        Assert.Contains("words (1 of 2): reading data", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("25% loss 1.5000  1,234 tokens/s  1:02:03 left", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("100%", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatATrainingThrowsComesThroughTheBar()
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        Assert.Throws<RecipeException>(() => new LiveTrainingDisplay(
            console, CancellationToken.None).Show<TrainingResult>(_ => throw new RecipeException("r.json", null, "is bad")));
    }

    internal static ToolRun Train(TrainingFolder folder, string output, params string[] more)
    {
        string[] start = more.Contains("--from") ? [] : ["--vocab", folder.File("vocab.txt")];
        string[] data = more.Contains("--data") ? [] : ["--data", folder.File("reviews.csv")];
        return ToolRun.Of(["train", .. data, "--text", "review", "--label", "verdict", "--output", folder.File(output), .. start, .. more]);
    }

    private static string Classify(string model, string text) => ToolRun.Of("classify", "--model", model, text).Succeeds();

    private static double Epochs(TrainingFolder folder)
    {
        // The default, which the test that asks has overridden.
        var recipe = new FileRecipe
        {
            Files = [folder.File("data.jsonl")],
            Output = folder.File("default"),
            Vocabulary = folder.File("vocab.txt")
        };
        return (double)JsonNode.Parse(File.ReadAllText(recipe.Write(TestContext.Current.CancellationToken)))!["stages"]![0]!["epochs"]!;
    }

    [GeneratedRegex(@"(\d+) of (\d+) tensors taken over")]
    private static partial Regex TakenOver();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    /// <summary>A terminal's text, written by one thread and looked at by another.</summary>
    private sealed class Screen : TextWriter
    {
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            lock (_text)
            {
                _text.Append(value);
                Monitor.PulseAll(_text);
            }
        }

        public void WaitFor(string part)
        {
            lock (_text)
            {
                while (!_text.ToString().Contains(part, StringComparison.Ordinal)) Monitor.Wait(_text);
            }
        }

        public override string ToString()
        {
            lock (_text) return _text.ToString();
        }
    }
}
