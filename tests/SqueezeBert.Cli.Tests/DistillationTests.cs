namespace SqueezeBert.Cli.Tests;

/// <summary>A recipe's folders are the user's own: options name them.</summary>
public sealed class DistillationTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("squeezebert-distillation-").FullName;

    public DistillationTests()
    {
        ToolRun.Of("new", "bert", Place("teacher"), "hidden_size=32", "num_attention_heads=4", "num_hidden_layers=3",
            "intermediate_size=64", "vocab_size=300", "max_position_embeddings=64").Succeeds();
        ToolRun.Of("new", Place("student"), "--from-teacher", Place("teacher"), "--keep-layers", "0,2").Succeeds();
        File.WriteAllLines(Place("texts.txt"), Enumerable.Range(0, 200).Select(i => $"Text {i} has {i * i} words. This is its end."));
        File.WriteAllText(Place("recipe.json"), """
            {
              "output": "never", "from": "a student", "seed": 1,
              "stages": [{
                "task": "distillation", "teacher": "a teacher", "data": [{ "file": "texts.txt" }], "max_length": 32, "tokens": 1500,
                "batch_tokens": 300, "checkpoint_steps": 2, "checkpoint_minutes": 0
              }]
            }
            """);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void OptionsReplaceTheFoldersOfARecipe()
    {
        var run = ToolRun.Of("train", Place("recipe.json"), "--from", Place("student"), "--teacher", Place("teacher"),
            "--output", Place("out"), "--copy-to", Place("copy"));
        var output = run.Succeeds();
        Assert.Contains("try:   squeezebert similar --model ", output, StringComparison.Ordinal);
        Assert.Matches("step 0: held-out loss \\d\\.\\d+, cosine 0\\.\\d{4}, effective rank \\d+\\.\\d, spread 0\\.\\d{4}", run.Error);
        Assert.True(File.Exists(Path.Combine(Place("copy"), "model.safetensors")));
        Assert.NotEmpty(ToolRun.Of("similar", "--model", Place("out"), "one text", "another text").Succeeds());
    }

    [Fact]
    public void WhatIsNotThereIsNamed()
    {
        ToolRun.Of("train", Place("recipe.json"), "--output", Place("out"), "--from", Place("student"))
            .AssertFails(1, "teacher: the teacher cannot be read");
        ToolRun.Of("train", "--data", Place("texts.txt"), "--output", Place("out"), "--teacher", Place("teacher"))
            .AssertFails(2, "--teacher goes with a recipe");
    }

    private string Place(string name) => Path.Combine(_root, name);
}
