using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Tests;

/// <summary>
/// A folder with a vocabulary and made-up rows: texts are good where they have more of the words w0 … w4 than of w5 … w9.
/// </summary>
internal sealed class TrainingFolder : IDisposable
{
    private const int Words = 20;

    public TrainingFolder()
    {
        Root = Directory.CreateTempSubdirectory("squeezebert-cli-").FullName;
        Write("vocab.txt", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Words).Select(i => $"w{i}")]);
        var random = new Random(5);
        Write("reviews.csv", [.. Enumerable.Range(0, 400).Select(_ => Row(random)).Prepend("review,verdict")]);
        Write("plain.txt",
            [.. Enumerable.Range(0, 120)
                .Select(i => i % 4 == 3 ? "" : string.Join(' ', Enumerable.Range(i, 12).Select(word => $"w{word % Words}")))]);
    }

    public string Root { get; }

    public string File(string name) => Path.Combine(Root, name);

    public string Write(string name, params string[] lines)
    {
        System.IO.File.WriteAllText(File(name), string.Join('\n', lines) + "\n");
        return File(name);
    }

    /// <summary>A recipe of a tiny model with an output folder of the same name.</summary>
    public string Recipe(string name, Action<JsonObject>? change = null)
    {
        var recipe = JsonNode.Parse("""
            {
              "vocabulary": "vocab.txt", "seed": 3,
              "model": { "hidden_size": 32, "embedding_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 32 },
              "stages": [
                {
                  "name": "toy", "task": "single-label", "data": [ { "file": "reviews.csv", "text": "review", "label": "verdict" } ],
                  "labels": [ "bad", "good" ], "max_length": 24, "epochs": 12, "batch_size": 16, "learning_rate": 3e-3, "checkpoint_minutes": 0
                }
              ]
            }
            """)!.AsObject();
        recipe["output"] = File(name);
        change?.Invoke(recipe);
        return Write($"{name}.json", recipe.ToJsonString());
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static string Row(Random random)
    {
        while (true)
        {
            var words = Enumerable.Range(0, random.Next(3, 14)).Select(_ => random.Next(Words)).ToList();
            var score = words.Sum(word => word < 5 ? 1 : word < 10 ? -1 : 0);
            if (score != 0) return string.Join(' ', words.Select(word => $"w{word}")) + (score > 0 ? ",good" : ",bad");
        }
    }
}
