using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

/// <summary>Heads of a joint stage that learn from teachers of their own.</summary>
public sealed class JointTeacherTests
{
    private const string Names =
        """{ "name": "names", "task": "token-classification", "data": [ { "file": "names.conll" } ], "held_out": 5 }""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>
    /// Two heads read the same texts without labels, and the teacher of one says the opposite of the other's. Each learns from its own,
    /// also out of a cache, whose rows are found by each head's own examples.
    /// </summary>
    [Theory]
    [InlineData("")]
    [InlineData("""
        , "teacher_cache": "cache"
        """)]
    public void EachHeadLearnsFromItsOwnTeacher(string cache)
    {
        using var toy = Teachers();
        var result = HeadRun.Train(toy, $$"""
            "task": "joint", "data": null, "epochs": 8, "heads": [ {{Head("mood", "teacher", "data.tsv", cache)}}, {{Names}},
              {{Head("opposite", "opposite-teacher", "opposite.tsv", cache)}} ]
            """);
        var figures = result.Evaluation!.Figures;
        Assert.True(figures["mood.accuracy"] > 0.85, $"mood {figures["mood.accuracy"]}");
        Assert.True(figures["opposite.accuracy"] > 0.85, $"opposite {figures["opposite.accuracy"]}");
        Assert.True(figures["names.f1"] > 0.9, $"names {figures["names.f1"]}");
        Assert.Equal(cache.Length > 0, Directory.Exists(toy.Path("cache")));
    }

    /// <summary>A head named without labels has its teacher's.</summary>
    [Fact]
    public void LabelsAreTheTeachersWhereNoneAreGiven()
    {
        using var toy = Teachers();
        HeadRun.Train(toy, """
            "task": "joint", "data": null, "steps": 2, "heads": [
              { "name": "mood", "task": "single-label", "data": [{ "file": "none.txt", "unlabelled": true }], "teacher": "teacher",
                "held_out": 0 } ]
            """);
        using var model = InferenceModel.Load(toy.Path("out"));
        Assert.Equal(["negative", "positive"], Assert.Single(model.Configuration.NamedHeads).Labels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""
        , "teacher_cache": "cache", "soft_labels": { "loss": "logits", "weight": 0.7 }
        """)]
    public void ItResumesWithTheSameBits(string cache)
    {
        using var toy = Teachers();
        HeadRun.AssertResumes(toy, $$"""
            "task": "joint", "data": null, "heads": [ {{Head("mood", "teacher", "data.tsv", cache)}}, {{Names}} ]
            """);
    }

    [Fact]
    public void ATeacherThatChangedIsNotResumedWith()
    {
        using var toy = Teachers();
        var recipe = toy.Recipe("parts", recipe => OptimizerTests.Set(recipe, $$"""
            { "task": "joint", "data": null, "labels": null, "heads": [ {{Head("mood", "teacher", "data.tsv", "")}} ] }
            """));
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
            Recipe.Load(recipe), progress: new StopAtStep(7, source), cancellationToken: source.Token));
        File.Copy(toy.Path("opposite-teacher/model.safetensors"), toy.Path("teacher/model.safetensors"), overwrite: true);
        var error = Assert.Throws<RecipeException>(() => Trainer.Run(Recipe.Load(recipe), resume: true, cancellationToken: Cancelled));
        Assert.StartsWith("stages[0].heads[0].teacher", error.Field, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stages[0].heads[0].soft_labels", """ "teacher": "teacher", "soft_labels": { "hidden_states": 1 } """, "")]
    [InlineData("stages[0].heads[0].soft_labels", """ "soft_labels": { "weight": 1 } """, "")]
    [InlineData("stages[0].heads[0].teacher_cache", """ "teacher_cache": "cache" """, "")]
    [InlineData("stages[0].heads[0].label_smoothing", """ "teacher": "teacher", "label_smoothing": 0.1 """, "")]
    [InlineData("teacher", """ "teacher": "nowhere" """, "")]
    [InlineData("stages[0].teacher", """ "teacher": "teacher" """, """, "teacher": "teacher" """)]
    [InlineData("stages[0].teacher_cache", """ "teacher": "teacher" """, """, "teacher_cache": "cache" """)]
    public void WhatDoesNotFitIsRefusedByName(string field, string head, string stage)
    {
        using var toy = Teachers();
        var error = Assert.Throws<RecipeException>(() => HeadRun.Train(toy, $$"""
            "task": "joint", "data": null, "heads": [
              { "name": "mood", "task": "single-label", "data": [{ "file": "data.tsv", "text": "sentence" }], {{head}} } ] {{stage}}
            """));
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void ATaskOfTokensHasNoTeacher()
    {
        using var toy = Teachers();
        var error = Assert.Throws<RecipeException>(() => HeadRun.Train(toy, $$"""
            "task": "joint", "data": null, "heads": [ {{Names[..^1]}}, "teacher": "teacher" } ]
            """));
        Assert.Equal("stages[0].heads[0].teacher", error.Field);
    }

    // 400 texts without a label are trained on and 200 with one are evaluated.
    private static string Head(string name, string teacher, string labelled, string more) => $$"""
        { "name": "{{name}}", "task": "single-label", "labels": { "0": "negative", "1": "positive" }, "teacher": "{{teacher}}" {{more}},
          "data": [{ "file": "none.txt", "unlabelled": true }], "evaluation": [{ "file": "dev-{{labelled}}", "text": "sentence" }] }
        """;

    private static ToyTask Teachers()
    {
        var toy = SpokenToy.Make();
        var rows = File.ReadAllLines(toy.Path("data.tsv"));
        File.WriteAllLines(
            toy.Path("opposite.tsv"), rows.Select(row => row.EndsWith('1') ? row[..^1] + "0" : row.EndsWith('0') ? row[..^1] + "1" : row));
        File.WriteAllLines(toy.Path("none.txt"), rows[1..401].Select(row => row.Split('\t')[0]));
        foreach (var file in (string[])["data.tsv", "opposite.tsv"])
        {
            var all = File.ReadAllLines(toy.Path(file));
            File.WriteAllLines(toy.Path("dev-" + file), [all[0], .. all[401..]]);
        }

        Learn("teacher", "data.tsv");
        Learn("opposite-teacher", "opposite.tsv");
        return toy;

        void Learn(string name, string file) => Trainer.Run(Recipe.Load(toy.Recipe(name, recipe => OptimizerTests.Set(
            recipe, $$"""{ "data": [{ "file": "{{file}}", "text": "sentence" }], "epochs": 5 }"""))), cancellationToken: Cancelled);
    }

    private sealed class StopAtStep(long step, CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (value.Event == TrainingEvent.Step && value.Step == step) source.Cancel();
        }
    }
}
