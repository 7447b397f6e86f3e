using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>Each task is learnt from a table, and leaves a model that says what it is.</summary>
public sealed class TaskTests
{
    private const int Rows = 2000;

    [Fact]
    public void SeveralLabelsAText()
    {
        using var toy = new ToyTask();

        // A text has the label of each of the words w0, w1 and w2 that it contains.
        WriteRows(toy, words => string.Join(", ", words.Where(word => word < 3).Distinct().Select(word => $"has-{word}")));
        var result = Run(toy, "multi-label", recipe => Stage(recipe)["epochs"] = 12);
        Assert.True(result.Evaluation!.Accuracy > 0.8, $"accuracy {result.Evaluation.Accuracy}");
        using var folder = ModelFolder.Open(toy.Path("out"));
        Assert.Equal(ProblemType.MultiLabelClassification, folder.Configuration.ProblemType);
        Assert.Equal(["has-0", "has-1", "has-2"], folder.Configuration.Labels.Order());
    }

    [Fact]
    public void ANumberAText()
    {
        using var toy = new ToyTask();
        WriteRows(toy, words => (words.Count(word => word < 10) / (double)words.Count).ToString("R", CultureInfo.InvariantCulture));
        var result = Run(toy, "regression", recipe => Stage(recipe)["epochs"] = 12);

        // The numbers' variance is about 0.04.
        Assert.True(result.Evaluation!.Loss < 0.01, $"loss {result.Evaluation.Loss}");
        Assert.Null(result.Evaluation.Accuracy);
        Assert.Empty(result.Evaluation.BySource);
        Assert.Equal(["pearson", "spearman"], result.Evaluation.Figures.Keys);
        Assert.All(result.Evaluation.Figures.Values, correlation => Assert.InRange(correlation, 0.85, 1));
        using var folder = ModelFolder.Open(toy.Path("out"));
        Assert.Equal((ProblemType.Regression, 1), (folder.Configuration.ProblemType, folder.Configuration.Labels.Count));
    }

    /// <summary>Numbers far from zero are no burden: the head begins at their mean.</summary>
    [Fact]
    public void ANewHeadBeginsAtTheMeanOfTheNumbers()
    {
        using var toy = new ToyTask();
        WriteRows(toy,
            words => (1000 + (words.Count(word => word < 10) / (double)words.Count)).ToString("R", CultureInfo.InvariantCulture));
        var result = Run(toy, "regression", recipe =>
        {
            Stage(recipe)["learning_rate"] = 1e-30;
            Stage(recipe).AsObject().Remove("epochs");
            Stage(recipe)["steps"] = 1;
        });
        Assert.True(result.Evaluation!.Loss < 0.1, $"loss {result.Evaluation.Loss}");

        // What a start has learnt stays.
        WriteRows(toy, _ => "5");
        var tuned = Recipe.Load(toy.Recipe("tuned", recipe =>
        {
            recipe.Remove("vocabulary");
            recipe.Remove("model");
            recipe["from"] = "out";
            Stage(recipe)["task"] = "regression";
            Stage(recipe).AsObject().Remove("labels");
            Stage(recipe)["learning_rate"] = 1e-30;
            Stage(recipe)["epochs"] = 0.01;
        }));
        var kept = Trainer.Run(tuned, cancellationToken: TestContext.Current.CancellationToken).Stages[0].Evaluation!;
        Assert.InRange(kept.Loss, 990 * 990, 1000 * 1000);
    }

    /// <summary>A window without the word that decides says nothing; the mean of a text's windows does.</summary>
    [Fact]
    public void WindowsOfATextAreOneAnswer()
    {
        using var toy = new ToyTask();
        WriteRows(toy, words => words.Count(word => word < 5) > words.Count(word => word is >= 5 and < 10) ? "more" : "less");
        var result = Run(toy, "single-label", recipe =>
        {
            Stage(recipe)["max_length"] = 7;
            Stage(recipe)["long_texts"] = "windows";
            Stage(recipe)["epochs"] = 10;
        });
        var (lines, accuracy) = (File.ReadAllLines(toy.Path("data.tsv")).Skip(1).ToList(), result.Evaluation!.Accuracy);
        Assert.Equal(lines.Count(line => HashSplit.IsHeldOut(line.Split('\t')[0], 10)), result.Evaluation.Examples);
        Assert.True(accuracy > 0.8, $"accuracy {accuracy}");
    }

    [Fact]
    public void AStartFromAnotherHeadKeepsTheEncoder()
    {
        using var toy = new ToyTask();
        var words = Recipe.Load(toy.Recipe("words", recipe =>
        {
            recipe["stages"]![0] = JsonNode.Parse("""
                { "name": "words", "task": "masked-language", "data": [ { "file": "plain.txt" } ], "max_length": 24, "epochs": 1, "batch_tokens": 400, "learning_rate": 3e-3 }
                """);
        }));
        Trainer.Run(words, cancellationToken: TestContext.Current.CancellationToken);
        using (var folder = ModelFolder.Open(toy.Path("words"))) Assert.Equal(
            "SqueezeBertForMaskedLM", folder.Configuration.Architectures[0]);
        var messages = new Messages();
        Trainer.Run(
            Recipe.Load(toy.Recipe("labels", recipe =>
            {
                recipe.Remove("vocabulary");
                recipe.Remove("model");
                recipe["from"] = "words";
                Stage(recipe)["epochs"] = 0.1;
            })),
            progress: messages,
            cancellationToken: TestContext.Current.CancellationToken);

        // The pooler and the classifier, two tensors each, are new. The language model's head goes along.
        var taken = Assert.Single(messages.Texts, text => text.Contains("taken over", StringComparison.Ordinal));
        using var model = ModelFolder.Open(toy.Path("labels"));
        var count = model.Tensors.Names.Count(name => !name.StartsWith("cls.", StringComparison.Ordinal));
        Assert.Equal(5, model.Tensors.Names.Count - count);
        Assert.Contains($" {count - 4} of {count} tensors", taken, StringComparison.Ordinal);
    }

    private static JsonNode Stage(JsonObject recipe) => recipe["stages"]![0]!;

    private static StageResult Run(ToyTask toy, string task, Action<JsonObject> change)
    {
        var recipe = toy.Recipe("out", recipe =>
        {
            Stage(recipe)["task"] = task;
            Stage(recipe).AsObject().Remove("labels");
            change(recipe);
        });
        return Trainer.Run(Recipe.Load(recipe), cancellationToken: TestContext.Current.CancellationToken).Stages[0];
    }

    private static void WriteRows(ToyTask toy, Func<List<int>, string> label)
    {
        var random = new Random(6);
        var rows = Enumerable.Range(0, Rows).Select(_ =>
        {
            var words = Enumerable.Range(0, random.Next(3, 14)).Select(_ => random.Next(ToyTask.Words)).ToList();
            return string.Join(' ', words.Select(word => $"w{word}")) + "\t" + label(words);
        });
        File.WriteAllLines(toy.Path("data.tsv"), rows.Prepend("sentence\tlabel"));
    }

    private sealed class Messages : IProgress<TrainingProgress>
    {
        public List<string> Texts { get; } = [];

        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (value.Message is { } message) Texts.Add(message);
        }
    }
}
