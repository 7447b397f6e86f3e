using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Spectre.Console;

namespace SqueezeBert.Cli.Tests;

/// <summary>What `train` refuses, and what it leaves behind then: nothing.</summary>
public sealed class TrainRefusalTests
{
    [Fact]
    public void AnOutputFolderWithAModelIsLeftAlone()
    {
        using var folder = new TrainingFolder();
        var recipe = folder.Recipe("model", recipe => recipe["stages"]![0]!["epochs"] = 0.1);
        ToolRun.Of("train", recipe).Succeeds();
        var before = File.ReadAllBytes(folder.File("model/model.safetensors"));
        ToolRun.Of("train", recipe).AssertFails(1, "'" + folder.File("model") + "' has a model already");
        TrainTests.Train(folder, "model", "--epochs", "0.1").AssertFails(1, "has a model already");
        Assert.False(File.Exists(folder.File("model/recipe.json")));
        Assert.Equal(before, File.ReadAllBytes(folder.File("model/model.safetensors")));
    }

    [Theory]
    [InlineData("learning_rat", "stages[0].learning_rat: unknown field; the nearest known one is 'learning_rate'")]
    [InlineData("epoch", "stages[0].epoch: unknown field; the nearest known one is 'epochs'")]
    public void AnUnknownFieldIsAnErrorWithTheNearestKnownOne(string field, string message)
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("model", recipe => recipe["stages"]![0]![field] = 1)).AssertFails(1, "model.json", message);
    }

    [Fact]
    public void ABadRowIsAnErrorWithFileAndLine()
    {
        using var folder = new TrainingFolder();
        var lines = File.ReadAllLines(folder.File("reviews.csv"));
        folder.Write("reviews.csv", [.. lines[..7], "w1 w2,good,more", .. lines[7..]]);
        ToolRun.Of("train", folder.Recipe("model")).AssertFails(1, "reviews.csv:8: ", "3 fields");
        TrainTests.Train(folder, "other").AssertFails(1, "reviews.csv:8: ", "3 fields");
        folder.Write("reviews.csv", [.. lines[..7], "w1 w2,goood", .. lines[7..]]);
        ToolRun.Of("train", folder.Recipe("model")).AssertFails(1, "reviews.csv:8: ", "'goood'");
        folder.Write("reviews.csv", [.. lines[..7], "w1 w2,", .. lines[7..]]);
        TrainTests.Train(folder, "other").AssertFails(1, "reviews.csv:8: ", "empty");
    }

    [Fact]
    public void WhatIsNotThereIsAnErrorWithTheNearestNames()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.File("recipes.json")).AssertFails(1, "recipes.json");
        folder.Recipe("model");
        ToolRun.Of("train", folder.File("modell.json")).AssertFails(1, "did you mean", "model.json");
        ToolRun.Of("train", folder.Recipe("a", recipe => recipe["stages"]![0]!["data"]![0]!["file"] = "review.csv"))
            .AssertFails(1, "review.csv", "reviews.csv'?");
        ToolRun.Of("train", folder.Recipe("b", recipe => recipe["stages"]![0]!["data"]![0]!["text"] = "reviews"))
            .AssertFails(1, "'reviews'", "'review'");
        ToolRun.Of("train", folder.Recipe("c", recipe =>
        {
            recipe["stages"]![0]!["task"] = "masked-language";
            recipe["stages"]![0]!.AsObject().Remove("labels");
            recipe["stages"]![0]!["data"]![0] = new JsonObject { ["file"] = "plain.tx" };
        })).AssertFails(1, "plain.tx", "plain.txt");
        TrainTests.Train(folder, "d", "--from", folder.File("mode")).AssertFails(1, "no such file or folder", "did you mean");
    }

    [Theory]
    [InlineData("RECIPE or --data", "give a recipe, or --data")]
    [InlineData("both", "not both", "r.json", "--data", "a.csv")]
    [InlineData("no output", "--output DIR is missing", "--data", "a.csv")]
    [InlineData("resume", "squeezebert train", "--data", "a.csv", "--output", "o", "--resume")]
    [InlineData("file option", "--epochs goes with --data", "r.json", "--epochs", "2")]
    [InlineData("two starts", "--from or --vocab", "--data", "a.csv", "--output", "o", "--from", "m", "--vocab", "v")]
    [InlineData("split", "--held-out splits --data", "--data", "a.csv", "--output", "o", "--evaluation", "b.csv", "--held-out", "5")]
    [InlineData("group", "--group splits --data", "--data", "a.csv", "--output", "o", "--evaluation", "b.csv", "--group", "c")]
    [InlineData("cased", "--cased goes with --vocab", "--data", "a.csv", "--output", "o", "--from", "m", "--cased")]
    [InlineData("range", "--batch-size takes a number from 1", "--data", "a.csv", "--output", "o", "--batch-size", "0")]
    [InlineData("fraction", "--learning-rate takes a number above 0", "--data", "a.csv", "--output", "o", "--learning-rate", "-1")]
    [InlineData("task", "'clustering'", "--data", "a.csv", "--output", "o", "--task", "clustering")]
    public void WrongUseIsExitCodeTwo(string what, string message, params string[] args)
    {
        Assert.NotEmpty(what);
        ToolRun.Of(["train", .. args]).AssertFails(2, message);
    }

    [Fact]
    public void ANumberThatTheRecipeRefusesLeavesNothingBehind()
    {
        using var folder = new TrainingFolder();
        TrainTests.Train(folder, "model", "--learning-rate", "11")
            .AssertFails(2, "squeezebert train: --learning-rate must be a number above 0 to 10");
        TrainTests.Train(folder, "model", "--epochs", "1e9").AssertFails(2, "--epochs must be");
        Assert.False(Directory.Exists(folder.File("model")));
    }

    [Fact]
    public void AnErrorAboutAnOptionNamesTheOptionAndLeavesNothingBehind()
    {
        using var folder = new TrainingFolder();
        ToolRun.Of("train", folder.Recipe("start", recipe => recipe["stages"]![0]!["epochs"] = 0.1)).Succeeds();
        TrainTests.Train(folder, "a/b", "--from", folder.File("start"), "--max-length", "99")
            .AssertFails(1, "squeezebert train: --max-length: 99 is longer than the model's max_position_embeddings, 32");
        Assert.False(Directory.Exists(folder.File("a")));
        folder.Write("one.csv", "review,verdict", "w1 w2,good", "w3 w4,good");
        var run = TrainTests.Train(folder, "a/b", "--data", folder.File("one.csv"));
        Assert.Equal(1, run.Code);
        Assert.Contains("squeezebert train: --label: the data have 1 label; a classifier needs at least two", run.Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("recipe.json", run.Error, StringComparison.Ordinal);
        TrainTests.Train(folder, "start").AssertFails(1, "squeezebert train: --output: '", "has a model already");

        // What the user made stays, and a run that has something to show keeps its recipe.
        Assert.False(Directory.Exists(folder.File("a")));
        Directory.CreateDirectory(folder.File("a/b"));
        TrainTests.Train(folder, "a/b", "--data", folder.File("one.csv"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("a/b")));
        TrainTests.Train(folder, "a/b", "--epochs", "0.1").Succeeds();
        Assert.True(File.Exists(folder.File("a/b/recipe.json")));
    }

    /// <summary>The page on training tells users to edit the recipe of a run.</summary>
    [Fact]
    public void ARecipeOfTheUsersOwnIsNeitherReplacedNorDeleted()
    {
        using var folder = new TrainingFolder();
        Directory.CreateDirectory(folder.File("model"));
        var recipe = folder.Write("model/recipe.json", "{ } // my own");
        TrainTests.Train(folder, "model", "--epochs", "0.1")
            .AssertFails(1, "--output: ", "has a recipe.json of other settings", $"squeezebert train {recipe}", "another folder");
        Assert.Equal("{ } // my own\n", File.ReadAllText(recipe));

        File.Delete(recipe);
        folder.Write("one.csv", "review,verdict", "w1 w2,good", "w3 w4,good");
        folder.Write("two.csv", "review,verdict", "w1 w2,good", "w3 w4,bad");
        TrainTests.Train(folder, "other", "--epochs", "0.1", "--data", folder.File("two.csv")).Succeeds();

        // The recipe that the command would write, from elsewhere: the run finds it, and it survives the failure.
        var text = Regex.Replace(File.ReadAllText(folder.File("other/recipe.json")), "\"bad\",\\s+", "")
            .Replace(folder.File("other"), folder.File("model"), StringComparison.Ordinal)
            .Replace("two.csv", "one.csv", StringComparison.Ordinal);
        File.WriteAllText(recipe, text);
        string[] failing = ["--epochs", "0.1", "--data", folder.File("one.csv")];
        TrainTests.Train(folder, "model", failing).AssertFails(1, "1 label");
        Assert.Equal(text, File.ReadAllText(recipe));

        // What the command has written itself, it takes away again.
        File.Delete(recipe);
        TrainTests.Train(folder, "model", failing).AssertFails(1, "1 label");
        Assert.False(File.Exists(recipe));
    }

    /// <summary>The recipe's folder is the output, and its data root leads back from there, which is of no interest to the user.</summary>
    [Fact]
    public void ABadRowOfAFileOnTheCommandLineIsNamedWithoutTheOutput()
    {
        using var folder = new TrainingFolder();
        folder.Write("case.csv", "review,verdict", "w1,good", "w2,bad");
        var here = Path.GetRelativePath(Environment.CurrentDirectory, folder.Root);
        var run = ToolRun.Of("train", "--data", Path.Combine(here, "case.csv"), "--text", "review", "--label", "verdict", "--labels",
            "good", "--vocab", folder.File("vocab.txt"), "--output", Path.Combine(here, "model"));
        run.AssertFails(1, $"{folder.File("case.csv")}:3: ", "'bad'");
        Assert.DoesNotContain("..", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("single-label", "empty.csv")]
    [InlineData("regression", "empty.csv")]
    [InlineData("masked-language", "empty.txt")]
    public void AFileWithoutARowIsAnErrorThatNamesIt(string task, string file)
    {
        using var folder = new TrainingFolder();
        folder.Write(file, file == "empty.csv" ? "review,verdict" : "");
        ToolRun.Of("train", "--data", folder.File(file), "--text", "review", "--label", "verdict", "--task", task, "--vocab",
            folder.File("vocab.txt"), "--output", folder.File("model")).AssertFails(1, $"{file}: there is no row to train on");
        Assert.False(Directory.Exists(folder.File("model")));
    }

    [Fact]
    public void ColumnsOfTextOrNumbersAreNoLabels()
    {
        using var folder = new TrainingFolder();
        folder.Write("ids.csv", [.. Enumerable.Range(0, 1500).Select(i => $"w1 w2,{i}").Prepend("text,label")]);
        ToolRun.Of("train", "--data", folder.File("ids.csv"), "--vocab", folder.File("vocab.txt"), "--output", folder.File("model"))
            .AssertFails(1, "more than 1000", "--task regression");
    }
}
