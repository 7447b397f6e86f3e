using System.Text.Json.Nodes;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>A run goes on with what it began with, or not at all; and a folder belongs to one run.</summary>
public sealed class InputFingerprintTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("data.tsv", "stages[1].data[0]: '")]
    [InlineData("vocab.txt", "vocabulary: '")]
    public void AnInputThatChangedIsRefusedByName(string file, string message)
    {
        using var toy = new ToyTask();
        var recipe = toy.Recipe("out", TwoStages);
        Interrupt(recipe, stage: 1);
        var (path, content) = (toy.Path(file), File.ReadAllText(toy.Path(file)));
        File.WriteAllText(path, file == "data.tsv" ? content.Replace("\t1\n", "\t0\n", StringComparison.Ordinal)
            : content.Replace("w3\nw4\n", "w4\nw3\n", StringComparison.Ordinal));
        Assert.NotEqual(content, File.ReadAllText(path));
        var error = Assert.Throws<RecipeException>(() => Run(recipe, resume: true)).Message;
        Assert.Contains(message + path + "' has another content", error, StringComparison.Ordinal);

        // The same content at another time is the same.
        File.WriteAllText(path, content);
        Run(recipe, resume: true);
    }

    [Fact]
    public void WhatAStageThatHasEndedReadIsNotNeededAnyMore()
    {
        using var toy = new ToyTask();
        var recipe = toy.Recipe("out", TwoStages);
        Interrupt(recipe, stage: 1);
        File.Delete(toy.Path("plain.txt"));
        Run(recipe, resume: true);
        Run(toy.Recipe("again", recipe => recipe["stages"]![0]!["epochs"] = 0.1));
    }

    [Fact]
    public void AnInputThatComesOrGoesIsRefusedByName()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start", recipe => recipe["stages"]![0]!["epochs"] = 0.1));
        var recipe = toy.Recipe("out", recipe =>
        {
            recipe.Remove("vocabulary");
            recipe.Remove("model");
            recipe["from"] = "start";
        });
        Interrupt(recipe, stage: 0);
        File.WriteAllText(toy.Path("start/added_tokens.json"), """{ "w19": 24 }""");
        Assert.Contains("from/added_tokens.json: '", Assert.Throws<RecipeException>(() => Run(recipe, resume: true)).Message,
            StringComparison.Ordinal);
        File.Delete(toy.Path("start/added_tokens.json"));
        File.Move(toy.Path("data.tsv"), toy.Path("moved.tsv"));
        Assert.Contains("stages[0].data[0]: is not there any more", Assert.Throws<RecipeException>(() => Run(recipe, resume: true)).Message,
            StringComparison.Ordinal);
        File.Move(toy.Path("moved.tsv"), toy.Path("data.tsv"));
        Run(recipe, resume: true);
    }

    [Fact]
    public void ASecondRunInAFolderIsRefusedAndTheFirstGoesOn()
    {
        using var toy = new ToyTask();
        var recipe = toy.Recipe("out", recipe => recipe["stages"]![0]!["epochs"] = 0.5);
        string? message = null;
        Trainer.Run(
            Recipe.Load(recipe),
            progress: new Report(report =>
            {
                if (report.Step == 3) message ??= Assert.Throws<RecipeException>(() => Run(recipe)).Message;
            }),
            cancellationToken: Cancelled);
        Assert.Contains($"output: another run is training into '{toy.Path("out")}'", message, StringComparison.Ordinal);
        Assert.True(File.Exists(toy.Path("out/model.safetensors")));
        Assert.DoesNotContain(Directory.EnumerateFiles(toy.Path("out")), file => file.EndsWith(".lock", StringComparison.Ordinal));
    }

    [Fact]
    public void ARunThatFailsBeforeItsFirstStepLeavesNoFolder()
    {
        using var toy = new ToyTask();
        File.AppendAllText(toy.Path("data.tsv"), "w1 w2\n");
        var recipe = toy.Recipe("out", recipe => recipe["output"] = toy.Path("a/b"));
        Assert.ThrowsAny<Exception>(() => Run(recipe));
        Assert.False(Directory.Exists(toy.Path("a")));

        // What was there stays.
        Directory.CreateDirectory(toy.Path("a/b"));
        Assert.ThrowsAny<Exception>(() => Run(recipe));
        Assert.True(Directory.Exists(toy.Path("a/b")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(toy.Path("a/b")));
    }

    private static void TwoStages(JsonObject recipe)
    {
        recipe["stages"]!.AsArray().Insert(0, JsonNode.Parse("""
            { "name": "words", "task": "masked-language", "data": [ { "file": "plain.txt" } ], "max_length": 24, "epochs": 0.3,
              "batch_tokens": 400,
              "learning_rate": 1e-4, "checkpoint_minutes": 0 }
            """));
        recipe["stages"]![1]!["epochs"] = 0.5;
    }

    private static void Run(string recipe, bool resume = false) => Trainer.Run(Recipe.Load(recipe), resume, cancellationToken: Cancelled);

    private static void Interrupt(string recipe, int stage)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var progress = new Report(report =>
        {
            if (report.StageIndex == stage && report.Step == 2) source.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
            Recipe.Load(recipe), progress: progress, cancellationToken: source.Token));
    }

    private sealed class Report(Action<TrainingProgress> action) : IProgress<TrainingProgress>
    {
        void IProgress<TrainingProgress>.Report(TrainingProgress value) => action(value);
    }
}
