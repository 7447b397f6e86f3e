using System.Globalization;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>What an evaluation during training says of long texts is what a user of the saved model gets for them.</summary>
public sealed class HeldOutWindowsTests
{
    private const int HeldOut = 5;

    [Theory]
    [InlineData("single-label", false)]
    [InlineData("single-label", true)]
    [InlineData("multi-label", false)]
    [InlineData("regression", false)]
    public void AHeldOutFigureIsThatOfTheClassifier(string task, bool isPair)
    {
        using var toy = new ToyTask();
        var rows = Rows(task);
        File.WriteAllLines(
            toy.Path("data.tsv"), rows.Select(row => $"{row.Text}\t{row.Pair}\t{row.Label}").Prepend("sentence\tother\tlabel"));
        var recipe = toy.Recipe("out", recipe =>
        {
            var stage = recipe["stages"]![0]!.AsObject();
            stage["task"] = task;
            stage["max_length"] = 10;
            stage["long_texts"] = "windows";
            stage["stride"] = 1;
            stage["held_out"] = HeldOut;
            stage["epochs"] = 3;
            stage.Remove("labels");
            if (isPair) stage["data"]![0]!["pair"] = "other";
        });
        var evaluation = Trainer.Run(Recipe.Load(recipe), cancellationToken: TestContext.Current.CancellationToken).Stages[0].Evaluation!;

        using var classifier = TextClassifier.Load(
            toy.Path("out"), new TextClassifierOptions { Reading = new() { LongText = LongText.Windows } });
        var (losses, right, windows) = (0.0, 0, 0);
        var heldOut = rows.Where(row => HashSplit.IsHeldOut(row.Text, HeldOut)).ToList();
        foreach (var row in heldOut)
        {
            var answer = classifier.Classify(
                new TextPair(row.Text, isPair ? row.Pair : null), cancellationToken: TestContext.Current.CancellationToken);
            windows = Math.Max(windows, answer.Read.WindowCount);
            var (loss, isRight) = Compare(task, row.Label, answer);
            losses += loss;
            right += isRight ? 1 : 0;
        }

        Assert.True(windows > 2, $"{windows} windows");
        Assert.Equal(heldOut.Count, evaluation.Examples);
        Assert.Equal(losses / heldOut.Count, evaluation.Loss, 1e-4);
        Assert.Equal(task == "regression" ? null : (double)right / heldOut.Count, evaluation.Accuracy);
    }

    private static (double Loss, bool IsRight) Compare(string task, string label, Classification answer)
    {
        if (task == "regression") return (Math.Pow(answer.Score - double.Parse(label, CultureInfo.InvariantCulture), 2), false);
        if (task == "single-label") return (-Math.Log(answer.Labels.Single(item => item.Label == label).Score), answer.Label == label);
        var labels = label.Split(',');
        return (
            answer.Labels.Average(item => -Math.Log(labels.Contains(item.Label) ? item.Score : 1 - item.Score)),
            answer.Labels.All(item => labels.Contains(item.Label) == item.Score > 0.5f));
    }

    private static List<(string Text, string Pair, string Label)> Rows(string task)
    {
        var random = new Random(8);
        return [.. Enumerable.Range(0, 400).Select(_ =>
        {
            var words = Words(3, 30);
            return (Join(words), Join(Words(1, 5)), Label(words));
        })];

        List<int> Words(int min, int max) => [.. Enumerable.Range(0, random.Next(min, max)).Select(_ => random.Next(ToyTask.Words))];

        string Join(List<int> words) => string.Join(' ', words.Select(word => $"w{word}"));

        string Label(List<int> words) => task switch
        {
            "regression" => (words.Count(word => word < 10) / (double)words.Count).ToString("R", CultureInfo.InvariantCulture),
            "multi-label" => string.Join(',', words.Where(word => word < 3).Distinct().Select(word => $"has-{word}")),
            _ => words.Count(word => word < 5) > words.Count(word => word is >= 5 and < 10) ? "more" : "less",
        };
    }
}
