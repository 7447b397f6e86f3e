using System.Text.Json.Nodes;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

/// <summary>Evaluations in which no token is masked: they say nothing of the weights.</summary>
public sealed class MaskedLanguageTests
{
    private const string Fields = """
        "data": [ { "file": "plain.txt" } ], "evaluation": [ { "file": "few.txt" } ], "held_out": null, "epochs": null, "steps": 4,
        "mask_probability": 0.01, "evaluate_every": 1, "patience": 2
        """;

    [Theory]
    [InlineData("masked-language")]
    [InlineData("pretraining")]
    public void AnEvaluationWithoutAMaskIsNeverTheBest(string task)
    {
        using var toy = new ToyTask();
        File.WriteAllText(toy.Path("few.txt"), "W1 w2 w3 w4 w5. W6 w7 w8 w9.\n");
        File.WriteAllLines(toy.Path("plain.txt"), Enumerable.Range(0, 200)
            .Select(i => i % 2 == 1 ? "" : $"W{i % 20} w1 w2 w3. W{i % 7} w4 w5. W6 w{i % 9} w8."));
        var reports = new Reports();
        var recipe = toy.Recipe("out", recipe =>
        {
            var stage = recipe["stages"]![0]!.AsObject();
            stage.Remove("labels");
            foreach (var (name, value) in JsonNode.Parse($$"""{ "task": "{{task}}", {{Fields}} }""")!.AsObject())
                stage[name] = value?.DeepClone();
        });
        var result = Trainer.Run(
            Recipe.Load(recipe), progress: reports, cancellationToken: TestContext.Current.CancellationToken).Stages[0];

        // All steps: patience waits for evaluations that tell something.
        Assert.Equal((4, 4, 4), (result.Steps, result.KeptStep, result.Evaluations));
        Assert.Equal((double.NaN, null, 0), (result.Evaluation!.Loss, result.Evaluation.Accuracy, result.Evaluation.Examples));
        Assert.Equal(4, reports.Evaluations.Count);
        Assert.All(reports.Evaluations, report =>
        {
            Assert.False(report.IsBest);
            Assert.Contains("no token of the held-out text was masked", report.Message, StringComparison.Ordinal);
        });
        var line = File.ReadLines(toy.Path("out/metrics.jsonl")).Select(text => JsonNode.Parse(text)!.AsObject())
            .First(line => (string?)line["event"] == "evaluation");
        Assert.True(line.ContainsKey("loss") && line["loss"] is null && !line.ContainsKey("accuracy"));
    }

    /// <summary>Other heads of a stage decide alone where that of a masked language has nothing to say.</summary>
    [Fact]
    public void AHeadWithoutAMaskLeavesTheScoreToTheOthers()
    {
        using var toy = new ToyTask();
        File.WriteAllText(toy.Path("few.txt"), "w1 w2 w3\n");
        var figures = HeadRun.Train(toy, """
            "task": "joint", "data": null, "epochs": null, "steps": 3, "heads": [
              { "name": "mood", "task": "single-label", "data": [ { "file": "data.tsv", "text": "sentence" } ] },
              {
                "name": "words", "task": "masked-language", "data": [ { "file": "plain.txt" } ],
                "evaluation": [ { "file": "few.txt" } ], "mask_probability": 0.01
              }
            ]
            """).Evaluation!.Figures;
        Assert.Equal(figures["mood.accuracy"], figures["score"]);
        Assert.DoesNotContain("words.loss", figures.Keys);
    }

    private sealed class Reports : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Evaluations { get; } = [];

        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (value.Event == TrainingEvent.Evaluation) Evaluations.Add(value);
        }
    }
}
