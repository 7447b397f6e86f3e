using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>A stage loses nothing of its start: what it does not train goes along, and what starts at random is named.</summary>
public sealed class CarriedTensorsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void AClassifierSurvivesAStageOfMaskedLanguage()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("classifier", recipe => Stage(recipe)["epochs"] = 10));
        Run(toy.Recipe("words", recipe => MaskedLanguage(recipe, "classifier")));
        var (before, after) = (Tensors(toy.Path("classifier")), Tensors(toy.Path("words")));
        foreach (var name in (string[])["classifier.weight", "classifier.bias", "transformer.pooler.dense.weight"])
            Assert.Equal(before[name], after[name]);
        Assert.NotEqual(before["transformer.embeddings.word_embeddings.weight"], after["transformer.embeddings.word_embeddings.weight"]);

        // The labels go by their names, whichever comes first in the data.
        var messages = new Messages();
        var result = Trainer.Run(
            Recipe.Load(toy.Recipe("again", recipe => From(recipe, "words"))), progress: messages, cancellationToken: Cancelled);
        Assert.True(result.Stages[0].Evaluation!.Accuracy > 0.85, $"accuracy {result.Stages[0].Evaluation!.Accuracy}");
        Assert.DoesNotContain(messages.Texts, text => text.Contains("at random", StringComparison.Ordinal));
        Assert.True(after.Keys.ToHashSet().SetEquals(Tensors(toy.Path("again")).Keys), "the language model's head went along");
    }

    [Fact]
    public void AnInterruptedRunCarriesWhatAnUninterruptedOneDoes()
    {
        using var toy = new ToyTask();
        void Both(JsonObject recipe)
        {
            recipe["stages"]!.AsArray().Add(Words());
            var last = Stage(recipe).DeepClone();
            last["name"] = "last";
            (last["epochs"], last["learning_rate"]) = (0.1, 1e-9);
            recipe["stages"]!.AsArray().Add(last);
        }

        var whole = Run(toy.Recipe("whole", Both));
        var recipe = toy.Recipe("parts", Both);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
            Recipe.Load(recipe), progress: new Messages(report =>
            {
                if (report is { StageIndex: 1, Step: 3 }) source.Cancel();
            }),
            cancellationToken: source.Token));
        Trainer.Run(Recipe.Load(recipe), resume: true, cancellationToken: Cancelled);
        Assert.Equal(File.ReadAllBytes(toy.Path("whole/stages/words/model.safetensors")),
            File.ReadAllBytes(toy.Path("parts/stages/words/model.safetensors")));
        Assert.Equal(File.ReadAllText(toy.Path("whole/stages/words/config.json")),
            File.ReadAllText(toy.Path("parts/stages/words/config.json")));
        Assert.Equal(File.ReadAllBytes(toy.Path("whole/model.safetensors")), File.ReadAllBytes(toy.Path("parts/model.safetensors")));

        // The classifier of the first stage is what the last one starts with.
        Assert.True(whole.Stages[2].Evaluation!.Accuracy > 0.7, $"accuracy {whole.Stages[2].Evaluation!.Accuracy}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AClassifierOfTokensIsNoneOfTexts(bool wordsBetween)
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("tokens"));
        Configure(toy, "tokens", config => config["architectures"] = new JsonArray("SqueezeBertForTokenClassification"));
        if (wordsBetween) Run(toy.Recipe("words", recipe => MaskedLanguage(recipe, "tokens")));
        var text = Random(toy, wordsBetween ? "words" : "tokens");
        Assert.Equal(
            "classifier.weight, classifier.bias (the start's is of a head for token classification)", text);
    }

    [Fact]
    public void WhatStartsAtRandomIsNamedWithTheReason()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start"));
        Configure(toy, "start", config => config["id2label"] = new JsonObject { ["0"] = "negative", ["1"] = "neutral" });
        Assert.Equal("classifier.weight, classifier.bias (the start's is of other labels)", Random(toy, "start"));

        // Numbered labels say nothing, so the shapes decide.
        Rewrite(toy, "start", tensor => tensor.Name.StartsWith("classifier.", StringComparison.Ordinal)
            ? new NamedTensor(tensor.Name, [3, .. tensor.Shape.Skip(1)], new float[tensor.Data.Length / 2 * 3]) : tensor);
        Configure(toy, "start", config => config["id2label"] = new JsonObject { ["0"] = "LABEL_0", ["1"] = "LABEL_1", ["2"] = "LABEL_2" });
        Assert.Equal("classifier.weight ([3, 32] in the start); classifier.bias ([3] in the start)", Random(toy, "start"));
        Rewrite(toy, "start", tensor => tensor.Name.Contains("pooler", StringComparison.Ordinal)
            || tensor.Name.StartsWith("classifier.", StringComparison.Ordinal) ? null : tensor);
        Assert.Equal(
            "transformer.pooler.dense.weight, transformer.pooler.dense.bias, classifier.weight, classifier.bias (not in the start)",
            Random(toy, "start"));
    }

    [Fact]
    public void AnEncoderWithAHoleIsRefused()
    {
        using var toy = new ToyTask();
        Run(toy.Recipe("start"));
        const string Name = "transformer.encoder.layers.0.attention.query.weight";
        Rewrite(toy, "start", tensor => tensor.Name == Name ? null : tensor);
        var error = Assert.Throws<InvalidModelFileException>(() => Run(toy.Recipe("out", recipe => From(recipe, "start"))));
        Assert.Contains(Name["transformer.".Length..], error.Message, StringComparison.Ordinal);
        Assert.Contains("is missing", error.Message, StringComparison.Ordinal);
    }

    private static JsonNode Stage(JsonObject recipe) => recipe["stages"]![0]!;

    private static TrainingResult Run(string recipe) => Trainer.Run(Recipe.Load(recipe), cancellationToken: Cancelled);

    private static void From(JsonObject recipe, string start)
    {
        recipe.Remove("vocabulary");
        recipe.Remove("model");
        recipe["from"] = start;
        Stage(recipe)["epochs"] = 0.1;
        Stage(recipe)["learning_rate"] = 1e-9;
    }

    private static void MaskedLanguage(JsonObject recipe, string start)
    {
        From(recipe, start);
        recipe["stages"]![0] = Words();
    }

    private static JsonNode Words() => JsonNode.Parse("""
        { "name": "words", "task": "masked-language", "data": [ { "file": "plain.txt" } ], "max_length": 24, "epochs": 0.5,
          "batch_tokens": 400,
          "learning_rate": 1e-5, "checkpoint_minutes": 0 }
        """)!;

    // What a run from the start says of random tensors.
    private static string Random(ToyTask toy, string start)
    {
        Directory.CreateDirectory(toy.Path("out"));
        Directory.Delete(toy.Path("out"), recursive: true);
        var messages = new Messages();
        Trainer.Run(
            Recipe.Load(toy.Recipe("out", recipe => From(recipe, start))), progress: messages, cancellationToken: Cancelled);
        return Assert.Single(messages.Texts, text => text.Contains("at random: ", StringComparison.Ordinal)).Split("at random: ")[1];
    }

    private static void Configure(ToyTask toy, string name, Action<JsonObject> change)
    {
        var file = toy.Path($"{name}/config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        config.Remove("label2id");
        change(config);
        File.WriteAllText(file, config.ToJsonString());
    }

    private static void Rewrite(ToyTask toy, string name, Func<NamedTensor, NamedTensor?> change)
    {
        var tensors = new List<NamedTensor>();
        ModelConfiguration configuration;
        using (var folder = ModelFolder.Open(toy.Path(name)))
        {
            configuration = folder.Configuration;
            foreach (var tensor in folder.Tensors.Names)
            {
                Assert.True(folder.Tensors.TryGetTensor(tensor, out var info));
                var values = new float[info.ElementCount];
                folder.Tensors.ReadFloats(tensor, values);
                if (change(new NamedTensor(tensor, info.Shape, values)) is { } kept) tensors.Add(kept);
            }
        }

        ModelFolder.Save(toy.Path(name), configuration, tensors);
    }

    private static Dictionary<string, float[]> Tensors(string path)
    {
        using var folder = ModelFolder.Open(path);
        return folder.Tensors.Names.ToDictionary(name => name, name =>
        {
            Assert.True(folder.Tensors.TryGetTensor(name, out var info));
            var values = new float[info.ElementCount];
            folder.Tensors.ReadFloats(name, values);
            return values;
        });
    }

    private sealed class Messages(Action<TrainingProgress>? also = null) : IProgress<TrainingProgress>
    {
        public List<string> Texts { get; } = [];

        void IProgress<TrainingProgress>.Report(TrainingProgress value)
        {
            if (value.Message is { } message) Texts.Add(message);
            also?.Invoke(value);
        }
    }
}
