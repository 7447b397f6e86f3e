using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Compression;
using SqueezeBert.Training.Running;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Compression;

public sealed class ModelCompressionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The toy needs a few channels; the model has ten times as many.</summary>
    [Fact]
    public void AModelThatIsTooLargeLosesMoreThanItsNumbers()
    {
        using var toy = Trained("bert");
        var progress = new Steps();
        var report = ModelCompression.Run(toy.Path("model"), toy.Path("small"), Options(toy), progress, Cancelled);

        var kept = report.Steps.Where(step => step.Outcome == CompressionOutcome.Kept).Select(step => step.Kind).ToList();
        Assert.Equal(kept.Distinct(), kept);
        Assert.Contains("int8", kept);
        Assert.Contains("table", kept);
        Assert.True(kept.Count(kind => kind is "layers" or "heads" or "channels") >= 2, string.Join(", ", kept));
        Assert.Equal(report.Steps.Count, progress.Count);
        Assert.True(report.After.Bytes * 5 < report.Before.Bytes, $"{report.Before.Bytes} to {report.After.Bytes}");
        Assert.True(report.Before.Score - report.After.Score <= 1.5, $"{report.Before.Score} to {report.After.Score}");
        Assert.True(report.Before.Score > 90, $"{report.Before.Score}");

        // What is written is what was measured, on texts that decided nothing.
        var data = CompressionData.Read(Options(toy).Data, heals: false, Cancelled);
        Assert.Equal((data.Deciding.Count, data.Reported.Count), (report.Before.Examples, report.AfterElsewhere.Examples));
        Assert.Empty(data.Deciding.Select(example => example.Text).Intersect(data.Reported.Select(example => example.Text)));
        using var classifier = TextClassifier.Load(toy.Path("small"));
        var again = ClassifierEvaluation.Evaluate(
            classifier, [new EvaluationSet("reported", data.Reported)], new LabelList(classifier.Labels, Values),
            cancellationToken: Cancelled);
        Assert.Equal(report.AfterElsewhere.Score, 100 * again.All.Report.Figures().First(figure => figure.Name == "accuracy").Value, 1e-9);
        Assert.Equal(report.Configuration.IntermediateSize, classifier.Configuration.IntermediateSize);
        Assert.Equal("accuracy", (string?)JsonNode.Parse(File.ReadAllText(toy.Path("small/compression.json")))!["metric"]);
        Assert.Equal(["data.tsv", "model", "model.json", "plain.txt", "small", "vocab.txt"],
            Directory.EnumerateFileSystemEntries(toy.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // The same again, with other threads.
        ModelCompression.Run(toy.Path("model"), toy.Path("again"), Options(toy) with { Threads = 1 }, null, Cancelled);
        Assert.Equal(File.ReadAllBytes(toy.Path("small/model.safetensors")), File.ReadAllBytes(toy.Path("again/model.safetensors")));
    }

    /// <summary>Where nothing may be lost, what is taken out changes the order of some numbers, and is healed, with the same bits each
    /// time.</summary>
    [Fact]
    public void WhatLosesTooMuchIsHealed()
    {
        using var toy = new ToyTask();
        var data = Numbers(toy);
        Train(toy, "squeezebert", "model", recipe => Of(recipe, "regression", "numbers.tsv"));
        var options = new CompressionOptions { Data = data, MaxLoss = 0, HealEpochs = 1, LearningRate = 1e-3, Examples = 100 };
        var report = ModelCompression.Run(toy.Path("model"), toy.Path("small"), options, null, Cancelled);
        Assert.True(report.HealingExamples > 100);
        var healed = report.Steps.Where(step => step.IsHealed).ToList();
        Assert.NotEmpty(healed);
        Assert.All(healed, step => Assert.Single(report.Steps,
            other => !other.IsHealed && other.Kind == step.Kind && other.Change == step.Change
                && other.Outcome == CompressionOutcome.LostTooMuch));
        Assert.Contains(report.LeftAlone, remark => remark.Kind == "heads" && remark.Reason.Contains("no field", StringComparison.Ordinal));
        ModelCompression.Run(toy.Path("model"), toy.Path("again"), options, null, Cancelled);
        Assert.Equal(File.ReadAllBytes(toy.Path("small/model.safetensors")), File.ReadAllBytes(toy.Path("again/model.safetensors")));
    }

    /// <summary>A model without its classifier learns from the given one what it has forgotten.</summary>
    [Fact]
    public void HealingBringsBackWhatWasLost()
    {
        using var toy = Trained("bert");
        var options = Options(toy) with { HealEpochs = 4, LearningRate = 2e-3 };
        using var folder = ModelFolder.Open(toy.Path("model"));
        var task = CompressionTask.Of(folder, null);
        var data = CompressionData.Read(options.Data, heals: true, Cancelled);
        var tensors = new CarriedTensors(folder.Configuration);
        tensors.Read(folder.Tensors);
        var head = tensors.Find("classifier.weight")!;
        tensors.Put([head with { Data = new float[head.Data.Length] }]);
        var candidate = new Candidate(folder.Configuration, tensors, IsInt8: false, TablePrecision.Float32);
        var stage = new StageRecipe { Name = "heal", Task = task.Task, Data = [options.Data], HeldOut = 0, MaxLength = 24 };
        var measure = new CandidateMeasure(task, options);
        var tokenizer = BertTokenizer.Load(toy.Path("model"));
        var healing = new Healing(toy.Path("model"), toy.Folder, stage, task, data, options, tokenizer, measure);
        var shares = new List<double>();
        var healed = healing.Heal(candidate, shares.Add, Cancelled);
        Assert.True(Score(healed) > Score(candidate) + 20, $"{Score(candidate)} to {Score(healed)}");
        Assert.Equal(shares.Order(), shares);
        Assert.True(shares[^1] > 0.9, $"{shares[^1]}");

        double Score(Candidate model)
        {
            var path = toy.Path(Guid.NewGuid().ToString());
            model.Save(path, TensorType.Float32, tokenizer);
            return measure.Measure(path, data.Reported, null, Cancelled).Score;
        }
    }

    [Fact]
    public void NumbersAndSeveralLabelsAreMeasuredToo()
    {
        using var toy = new ToyTask();
        var data = Numbers(toy);
        Train(toy, "bert", "number", recipe => Of(recipe, "regression", "numbers.tsv"));
        var report = ModelCompression.Run(toy.Path("number"), toy.Path("small-number"),
            new CompressionOptions { Data = data, MaxLoss = 3, HealEpochs = 0.5 }, null, Cancelled);
        Assert.Equal("spearman", report.Metric);
        Assert.True(report.Before.Score > 50 && report.After.Bytes * 2 < report.Before.Bytes);
        Assert.Equal(ProblemType.Regression, report.Configuration.ProblemType);

        File.WriteAllLines(toy.Path("several.tsv"),
            Rows(toy).Select(row => $"{row.Text}\t{(row.Label == "1" ? "good,any" : "any")}").Prepend("sentence\tlabel"));
        Train(toy, "bert", "labels", recipe => Of(recipe, "multi-label", "several.tsv"));
        report = ModelCompression.Run(toy.Path("labels"), toy.Path("small-labels"),
            new CompressionOptions { Data = data with { File = toy.Path("several.tsv") }, MaxLoss = 3, HealEpochs = 0.5 }, null, Cancelled);
        Assert.Equal("micro_f1", report.Metric);
        Assert.True(report.After.Bytes * 2 < report.Before.Bytes);
    }

    [Fact]
    public void NothingIsWrittenWhenItIsCancelledOrRefused()
    {
        using var toy = Trained("bert", epochs: 0.2);
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            ModelCompression.Run(toy.Path("model"), toy.Path("small"), Options(toy), new Steps(source), source.Token));
        var few = toy.Path("few.tsv");
        File.WriteAllLines(few, ["sentence\tlabel", "w1 w2\t1"]);
        Assert.Throws<DataFormatException>(() => ModelCompression.Run(
            toy.Path("model"), toy.Path("small"), Options(toy) with { Data = Options(toy).Data with { File = few } }, null, Cancelled));
        Assert.Throws<ArgumentException>(() => ModelCompression.Run(
            toy.Path("model"), toy.Path("small"), Options(toy) with { Metric = "loss" }, null, Cancelled));
        Assert.Equal(["data.tsv", "few.tsv", "model", "model.json", "plain.txt", "vocab.txt"],
            Directory.EnumerateFileSystemEntries(toy.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var taken = Assert.Throws<InvalidModelFileException>(
            () => ModelCompression.Run(toy.Path("model"), toy.Path("model"), Options(toy), null, Cancelled));
        Assert.Contains("in it already", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherTasksAreRefusedByName()
    {
        using var toy = new ToyTask();
        Train(toy, "bert", "words", recipe =>
        {
            var stage = recipe["stages"]![0]!.AsObject();
            (stage["task"], stage["data"]) = ("masked-language", JsonNode.Parse("""[{ "file": "plain.txt" }]"""));
            stage.Remove("labels");
            stage["epochs"] = 0.1;
        });
        var error = Assert.Throws<UnsupportedModelException>(
            () => ModelCompression.Run(toy.Path("words"), toy.Path("small"), Options(toy), null, Cancelled));
        Assert.Contains("a head for masked language", error.Message.Replace('-', ' '), StringComparison.Ordinal);
        using var trained = Trained("bert", epochs: 0.1);
        ModelCompression.Run(trained.Path("model"), trained.Path("small"), Options(trained) with { MaxLoss = 100 }, null, Cancelled);
        error = Assert.Throws<UnsupportedModelException>(
            () => ModelCompression.Run(trained.Path("small"), trained.Path("smaller"), Options(trained), null, Cancelled));
        Assert.Contains("quantized already", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1024, 4, 64, 64)]
    [InlineData(3072, 1, 192, 192)]
    [InlineData(64, 4, 32, 32)]
    [InlineData(1200, 1, 64, 64)]
    public void SizesSuitTheKernels(int size, int multiple, int first, int step)
    {
        var sizes = CompressionRun.SizesBelow(size, multiple);
        Assert.Equal((first, step), (sizes[0], sizes.Count > 1 ? sizes[1] - sizes[0] : first));
        Assert.True(sizes[^1] < size && sizes.All(one => one % multiple == 0));
        Assert.Empty(CompressionRun.SizesBelow(4, 4));
    }

    private static IEnumerable<(string Text, string Label)> Rows(ToyTask toy) =>
        File.ReadAllLines(toy.Path("data.tsv")).Skip(1).Select(row => row.Split('\t')).Select(row => (row[0], row[1])).ToList();

    // Numbers that tell how sure the label is, so that their order says something.
    private static DataSource Numbers(ToyTask toy)
    {
        File.WriteAllLines(toy.Path("numbers.tsv"), Rows(toy)
            .Select((row, i) => FormattableString.Invariant($"{row.Text}\t{(row.Label == "1" ? 4.5 : 0.5) + (i % 3 / 10.0)}"))
            .Prepend("sentence\tlabel"));
        return new DataSource { File = toy.Path("numbers.tsv"), Text = "sentence" };
    }

    private static void Of(JsonObject recipe, string task, string file)
    {
        var stage = recipe["stages"]![0]!.AsObject();
        (stage["task"], stage["data"]![0]!["file"]) = (task, file);
        stage.Remove("labels");
    }

    private static Dictionary<string, string> Values => new() { ["0"] = "negative", ["1"] = "positive" };

    private static CompressionOptions Options(ToyTask toy) => new()
    {
        Data = new DataSource { File = toy.Path("data.tsv"), Text = "sentence" },
        LabelValues = Values,
        MaxLoss = 1.5,
        Examples = 100,
    };

    private static ToyTask Trained(string type, double epochs = 5)
    {
        var toy = new ToyTask();
        Train(toy, type, "model", recipe => recipe["stages"]![0]!["epochs"] = epochs);
        return toy;
    }

    // Twice as wide as the toy's own model, with more layers, heads and channels than it can need.
    private static void Train(ToyTask toy, string type, string name, Action<JsonObject> change)
    {
        Trainer.Run(
            Recipe.Load(toy.Recipe(name, recipe =>
            {
                var model = recipe["model"]!;
                (model["model_type"], model["num_hidden_layers"], model["num_attention_heads"]) = (type, 2, 8);
                (model["hidden_size"], model["intermediate_size"]) = (64, 256);
                if (type == "squeezebert") model["embedding_size"] = 64;
                (recipe["stages"]![0]!["held_out"], recipe["stages"]![0]!["learning_rate"]) = (0, 2e-3);
                recipe["stages"]![0]!.AsObject().Remove("evaluate_every");
                change(recipe);
            })),
            cancellationToken: Cancelled);
    }

    private sealed class Steps(CancellationTokenSource? source = null) : IProgress<CompressionProgress>
    {
        public int Count { get; private set; }

        public void Report(CompressionProgress value)
        {
            if (value.Step is null) return;
            Count++;
            source?.Cancel();
        }
    }
}
