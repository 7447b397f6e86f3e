using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.SentenceTransformers;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>A sentence encoder that is trained goes on making its vectors in the way that it was made for.</summary>
public sealed class SentenceEncoderStartTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("single-label")]
    [InlineData("masked-language")]
    public void TheFilesAboutVectorsGoAlong(string task)
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start", recipe => recipe["stages"]![0]!["epochs"] = 0.1));
        var settings = new SentenceEncoderSettings
        {
            ModelPath = toy.Path("start"),
            Pooling = SentencePooling.Cls,
            Normalize = true,
            MaxSequenceLength = 20,
            Prompts = new Dictionary<string, string> { ["query"] = "w1 " },
        };
        SentenceFilesWriter.WriteModules(toy.Path("start"), settings, 32);
        SentenceFilesWriter.WriteLength(toy.Path("start"), null, settings);
        SentenceFilesWriter.WritePrompts(toy.Path("start"), settings);
        Run(toy.Recipe("tuned", recipe => From(recipe, task)));
        var found = SentenceEncoderSettings.Load(toy.Path("tuned"));
        Assert.Equal(
            (SentencePooling.Cls, true, (int?)20, "w1 "),
            (found.Pooling, found.Normalize, found.MaxSequenceLength, found.Prompts["query"]));
    }

    [Fact]
    public void ModulesThatAreNotSupportedAreNoObstacle()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start", recipe => recipe["stages"]![0]!["epochs"] = 0.1));
        File.WriteAllText(toy.Path("start/modules.json"),
            """[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.CLIPModel"}]""");
        Run(toy.Recipe("tuned", recipe => From(recipe, "single-label")));
        Assert.False(File.Exists(toy.Path("tuned/modules.json")));
    }

    private static void Run(string recipe) => Trainer.Run(Recipe.Load(recipe), cancellationToken: Cancelled);

    private static void From(JsonObject recipe, string task)
    {
        recipe.Remove("vocabulary");
        recipe.Remove("model");
        recipe["from"] = "start";
        var stage = recipe["stages"]![0]!;
        stage["epochs"] = 0.1;
        stage["task"] = task;
        if (task != "masked-language") return;
        stage.AsObject().Remove("labels");
        stage["data"] = new JsonArray(new JsonObject { ["file"] = "plain.txt" });
    }
}
