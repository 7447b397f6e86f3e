using System.Text.Json.Nodes;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>
/// A folder with a vocabulary, labelled rows, plain text and recipes: texts are positive where they have more of the words w0 … w4 than of
/// w5 … w9.
/// </summary>
internal sealed class ToyTask : IDisposable
{
    public const int Words = 20;

    public ToyTask()
    {
        Folder = Directory.CreateTempSubdirectory("squeezebert-training-").FullName;
        File.WriteAllLines(
            Path("vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Words).Select(i => $"w{i}")]);
        var random = new Random(5);
        var rows = Enumerable.Range(0, 600).Select(_ => Row(random)).ToList();
        File.WriteAllLines(Path("data.tsv"), rows.Prepend("sentence\tlabel"));
        File.WriteAllLines(Path("plain.txt"), Enumerable.Range(0, 400).Select(i => i % 3 == 2 ? "" : Text(random)));
    }

    public string Folder { get; }

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    /// <summary>A recipe with one classification stage, changed by <paramref name="change"/>.</summary>
    public string Recipe(string name, Action<JsonObject>? change = null)
    {
        var recipe = JsonNode.Parse("""
            {
              "output": "", "vocabulary": "vocab.txt", "seed": 3, "threads": 1,
              "model": { "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 32 },
              "stages": [
                {
                  "name": "toy", "task": "single-label", "data": [ { "file": "data.tsv", "text": "sentence", "label": "label" } ],
                  "labels": { "0": "negative", "1": "positive" }, "max_length": 24, "epochs": 3, "batch_size": 16, "micro_batch_tokens": 100,
                  "learning_rate": 3e-3, "evaluate_every": 20, "checkpoint_minutes": 0
                }
              ]
            }
            """)!.AsObject();
        recipe["output"] = Path(name);
        change?.Invoke(recipe);
        var file = Path(name + ".json");
        File.WriteAllText(file, recipe.ToJsonString());
        return file;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string Row(Random random)
    {
        while (true)
        {
            var words = Enumerable.Range(0, random.Next(3, 14)).Select(_ => random.Next(Words)).ToList();
            var score = words.Sum(word => word < 5 ? 1 : word < 10 ? -1 : 0);
            if (score != 0) return string.Join(' ', words.Select(word => $"w{word}")) + "\t" + (score > 0 ? "1" : "0");
        }
    }

    // A word is followed by the next one of the vocabulary, most of the time: something to learn.
    private static string Text(Random random)
    {
        var word = random.Next(Words);
        var words = new List<string>();
        for (var count = random.Next(5, 60); count > 0; count--)
        {
            word = random.Next(10) == 0 ? random.Next(Words) : (word + 1) % Words;
            words.Add($"w{word}");
        }

        return string.Join(' ', words);
    }
}
