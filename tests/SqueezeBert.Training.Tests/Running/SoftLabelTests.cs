using System.Text.Json.Nodes;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>A classifier that learns from classifiers.</summary>
public sealed class SoftLabelTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{ "teacher": "teacher", "soft_labels": { "weight": 0.9 } }""")]
    [InlineData("""{ "teacher": "teacher", "soft_labels": { "loss": "logits", "hidden_states": 0.5 } }""")]
    [InlineData("""{ "teacher": "teacher", "soft_labels": { "attentions": 0.2, "layer_pairs": [[1, 1]] } }""")]
    [InlineData("""{ "teacher": ["teacher", "other"], "soft_labels": { "weight": 1, "temperature": 1 } }""")]
    public void AStudentLearnsAndResumesWithTheSameBits(string settings)
    {
        using var toy = Teachers();
        var whole = Run(toy.Recipe("whole", Change));
        Assert.True(whole.Stages[0].Evaluation!.Accuracy >= 0.85, $"accuracy {whole.Stages[0].Evaluation!.Accuracy}");
        Run(toy.Recipe("without"));
        Assert.NotEqual(Weights(toy, "without"), Weights(toy, "whole"));
        var parts = toy.Recipe("parts", Change);
        using (var source = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
                Recipe.Load(parts), progress: new Moment(report => report is { Event: TrainingEvent.Step, Step: 33 }, source),
                cancellationToken: source.Token));
        }

        Trainer.Run(Recipe.Load(parts) with { Threads = 3 }, resume: true, cancellationToken: Cancelled);
        Assert.Equal(Weights(toy, "whole"), Weights(toy, "parts"));

        void Change(JsonObject recipe) => OptimizerTests.Set(recipe, settings);
    }

    /// <summary>Ten rows are labelled: the other labels come from the teacher, so that the student learns nearly as much.</summary>
    [Fact]
    public void TextsWithoutALabelHaveTheTeachers()
    {
        using var toy = Teachers();
        var rows = File.ReadAllLines(toy.Path("data.tsv"));
        File.WriteAllLines(toy.Path("few.tsv"), [rows[0], .. rows[1..11], .. rows[11..300].Select(row => row.Split('\t')[0] + "\t")]);
        File.WriteAllLines(toy.Path("none.txt"), rows[300..500].Select(row => row.Split('\t')[0]));
        File.WriteAllLines(toy.Path("dev.tsv"), [rows[0], .. rows[500..]]);
        var result = Run(toy.Recipe("out", recipe =>
        {
            OptimizerTests.Set(recipe, """
                {
                  "data": [{ "file": "few.tsv", "text": "sentence" }, { "file": "none.txt", "unlabelled": true }], "teacher": "teacher",
                  "evaluation": [{ "file": "dev.tsv", "text": "sentence" }], "soft_labels": { "weight": 0 }
                }
                """);
        }));
        Assert.Equal(3 * 32, result.Stages[0].Steps);
        Assert.True(result.Stages[0].Evaluation!.Accuracy >= 0.8, $"accuracy {result.Stages[0].Evaluation!.Accuracy}");

        // Without a teacher, a row without a label is a bad row.
        var error = Assert.Throws<Evaluation.DataFormatException>(() => Run(toy.Recipe("bad", recipe =>
            OptimizerTests.Set(recipe, """{ "data": [{ "file": "few.tsv", "text": "sentence" }] }"""))));
        Assert.Equal(12, error.Line);
    }

    /// <summary>
    /// Several labels a text: few rows have labels, for some of them none is true, and the rest of what is to be learnt comes from the
    /// teacher. Both losses learn more than the few rows alone teach.
    /// </summary>
    [Theory]
    [InlineData("""{ "weight": 0 }""")]
    [InlineData("""{ "weight": 0.9, "temperature": 2 }""")]
    [InlineData("""{ "weight": 0.9, "loss": "logits" }""")]
    public void SeveralLabelsAreLearntFromATeacher(string soft)
    {
        using var toy = new ToyTask();
        var texts = File.ReadAllLines(toy.Path("data.tsv"))[1..].Select(row => row.Split('\t')[0]).ToList();
        var rows = texts
            .Select(text => $"{text}\t{string.Join(',', text.Split(' ').Where(word => word is "w1" or "w2").Distinct())}")
            .ToList();
        Assert.Contains(rows[..10], row => row.EndsWith('\t'));
        File.WriteAllLines(toy.Path("all.tsv"), rows[..500].Prepend("sentence\tlabel"));
        File.WriteAllLines(toy.Path("few.tsv"), rows[..10].Prepend("sentence\tlabel"));
        File.WriteAllLines(toy.Path("none.txt"), texts[10..500]);
        File.WriteAllLines(toy.Path("dev.tsv"), rows[500..].Prepend("sentence\tlabel"));
        Learn("teacher", """{ "data": [{ "file": "all.tsv", "text": "sentence" }], "epochs": 12 }""");
        var alone = Learn("alone", """{ "data": [{ "file": "few.tsv", "text": "sentence" }], "epochs": 200 }""");
        var taught = Learn("taught", $$"""
            {
              "data": [{ "file": "few.tsv", "text": "sentence" }, { "file": "none.txt", "unlabelled": true }], "epochs": 12,
              "teacher": "teacher", "soft_labels": {{soft}}
            }
            """);
        Assert.True(taught > alone + 0.2, $"{taught} with a teacher, {alone} without");

        double Learn(string name, string settings) => Run(toy.Recipe(name, recipe =>
        {
            OptimizerTests.Set(recipe, """
                { "task": "multi-label", "labels": ["w1", "w2"], "evaluation": [{ "file": "dev.tsv", "text": "sentence" }], "evaluate_every": 0 }
                """);
            OptimizerTests.Set(recipe, settings);
        })).Stages[0].Evaluation!.Accuracy!.Value;
    }

    /// <summary>The student's labels may stand in another order than the teacher's: names count.</summary>
    [Fact]
    public void LabelsAreMatchedByName()
    {
        using var toy = Teachers();
        var result = Run(toy.Recipe("out", recipe => OptimizerTests.Set(recipe, """
            { "teacher": "teacher", "labels": { "1": "positive", "0": "negative" }, "soft_labels": { "weight": 1 } }
            """)));
        Assert.True(result.Stages[0].Evaluation!.Accuracy >= 0.85, $"accuracy {result.Stages[0].Evaluation!.Accuracy}");
    }

    [Theory]
    [InlineData("""{ "soft_labels": { } }""", "stages[0].soft_labels")]
    [InlineData("""{ "teacher": "teacher", "soft_labels": { "weight": 2 } }""", "stages[0].soft_labels.weight")]
    [InlineData("""{ "teacher": "teacher", "soft_labels": { "temperature": 0 } }""", "stages[0].soft_labels.temperature")]
    [InlineData("""{ "teacher": "teacher", "soft_labels": { "layer_pairs": [[1, 1], [1, 1]] } }""", "stages[0].soft_labels.layer_pairs")]
    [InlineData("""{ "teacher": "teacher", "soft_labels": { "hidden_states": 1, "layer_pairs": [[1, 2]] } }""", "soft_labels.layer_pairs")]
    [InlineData("""{ "teacher": "teacher", "label_smoothing": 0.1 }""", "stages[0].label_smoothing")]
    [InlineData("""{ "teacher": "teacher", "class_weights": [1, 2] }""", "stages[0].class_weights")]
    [InlineData("""{ "teacher": "teacher", "labels": { "0": "good", "1": "bad" } }""", "teacher")]
    [InlineData("""{ "teacher": "nowhere" }""", "teacher")]
    [InlineData("""{ "data": [{ "file": "data.tsv", "unlabelled": true }] }""", "stages[0].data[0].unlabelled")]
    [InlineData("""{ "task": "regression", "labels": null, "teacher": "teacher" }""", "stages[0].teacher")]
    public void WhatDoesNotFitIsRefusedByName(string settings, string field)
    {
        using var toy = Teachers();
        var error = Assert.Throws<RecipeException>(() => Run(toy.Recipe("out", recipe => OptimizerTests.Set(recipe, settings))));
        Assert.Equal(field, error.Field);
    }

    private static ToyTask Teachers()
    {
        var toy = new ToyTask();
        Run(toy.Recipe("teacher"));
        Run(toy.Recipe("other", recipe => recipe["seed"] = 8));
        return toy;
    }

    private static TrainingResult Run(string recipe) => Trainer.Run(Recipe.Load(recipe), cancellationToken: Cancelled);

    private static byte[] Weights(ToyTask toy, string name) => File.ReadAllBytes(toy.Path(name + "/model.safetensors"));

    private sealed class Moment(Func<TrainingProgress, bool> isIt, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (isIt(value)) source.Cancel();
        }
    }
}
