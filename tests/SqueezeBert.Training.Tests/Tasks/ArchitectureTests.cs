using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

/// <summary>Every architecture is trained, whatever its embeddings, bottlenecks and heads.</summary>
public sealed class ArchitectureTests
{
    public static TheoryData<string> Models =>
    [
        """{ "model_type": "squeezebert" }""",
        """{ "model_type": "squeezebert-separable", "embedding_size": 16, "convolution_kernel_sizes": [3, 5] }""",
        """{ "model_type": "bert" }""",
        """
        { "model_type": "distilbert", "dim": 32, "n_layers": 1, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 32 }
        """,
        """{ "model_type": "electra", "embedding_size": 16 }""",
        """{ "model_type": "mobilebert", "embedding_size": 16, "intra_bottleneck_size": 16, "num_feedforward_networks": 2 }""",
        """{ "model_type": "mobilebert", "embedding_size": 16, "intra_bottleneck_size": 16, "normalization_type": "layer_norm" }""",
    ];

    /// <summary>A mean of the words' values: far better than the mean of all numbers, which a head begins with.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void NumbersAreLearnt(string model)
    {
        using var toy = new ToyTask();
        var random = new Random(6);
        var rows = Enumerable.Range(0, 1500).Select(_ =>
        {
            var words = Enumerable.Range(0, random.Next(3, 14)).Select(_ => random.Next(ToyTask.Words)).ToList();
            var number = 7 + (2 * words.Count(word => word < 10) / (double)words.Count);
            return string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', words.Select(word => $"w{word}"))}\t{number}");
        });
        File.WriteAllLines(toy.Path("numbers.tsv"), rows.Prepend("text\tlabel"));
        var evaluation = Train(
            toy, model, """ "task": "regression", "data": [ { "file": "numbers.tsv" } ], "epochs": 10 """).Evaluation!;
        Assert.True(evaluation.Figures["pearson"] > 0.8, $"pearson {evaluation.Figures["pearson"]}, loss {evaluation.Loss}");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void WordsAreTagged(string model)
    {
        using var toy = new ToyTask();
        var random = new Random(7);
        File.WriteAllLines(toy.Path("tags.conll"), Enumerable.Range(0, 3000).Select(i =>
        {
            var word = random.Next(ToyTask.Words);
            return i % 7 == 6 ? "" : $"w{word} {(word < 5 ? "B-X" : "O")}";
        }));
        var stage = """ "task": "token-classification", "data": [ { "file": "tags.conll" } ], "epochs": 8 """;
        var evaluation = Train(toy, model, stage).Evaluation!;
        Assert.True(evaluation.Figures["f1"] > 0.9, $"f1 {evaluation.Figures["f1"]}");
    }

    private static StageResult Train(ToyTask toy, string model, string stage) => Trainer.Run(
        Recipe.Load(toy.Recipe("out", recipe =>
        {
            var fields = JsonNode.Parse(model)!.AsObject();
            if (fields.ContainsKey("dim")) recipe["model"] = new JsonObject();
            foreach (var (field, value) in fields) recipe["model"]![field] = value?.DeepClone();
            var target = recipe["stages"]![0]!.AsObject();
            target.Remove("labels");
            target.Remove("evaluate_every");
            foreach (var (field, value) in JsonNode.Parse("{" + stage + "}")!.AsObject()) target[field] = value?.DeepClone();
        })), cancellationToken: TestContext.Current.CancellationToken).Stages[0];
}
