using System.Text.Json.Nodes;
using SqueezeBert.Training.Tests.Starts;

namespace SqueezeBert.Training.Tests.Running;

/// <summary>A tiny teacher with mean pooling, a student with two of its four layers, texts, and recipes for them.</summary>
internal sealed class ToyStudent : IDisposable
{
    private readonly TinyTeacher _teacher;

    public ToyStudent()
    {
        // Weights as small as those of a new model would make all texts alike.
        _teacher = new TinyTeacher(change: fields => fields["initializer_range"] = 0.3);
        File.WriteAllText(
            Path.Combine(_teacher.Path, "1_Pooling/config.json"), """{"word_embedding_dimension": 32, "pooling_mode_mean_tokens": true}""");
        StudentModel.Create(_teacher.Path, Place("student"), new StudentOptions { KeepLayers = [0, 3] });
        File.Move(_teacher.Text(600), Place("texts.txt"));
        File.WriteAllLines(Place("pairs.tsv"),
        [
            "a\tb\tscore", "a man is playing guitar\ta woman is playing guitar\t3.5", "the film was bad\ta dog runs in park\t0.2",
            "a man is cooking\ta woman is cooking\t3", "the film was long\tthe film was very long\t4.8",
        ]);
    }

    public string Teacher => _teacher.Path;

    public string Place(string name) => _teacher.Place(name);

    /// <summary>A recipe of one stage, changed by <paramref name="change"/>; returns its file.</summary>
    public string Recipe(string name, Action<JsonObject>? change = null)
    {
        var recipe = JsonNode.Parse("""
            {
              "output": "", "from": "student", "seed": 3, "threads": 1,
              "stages": [
                {
                  "name": "toy", "task": "distillation", "teacher": "teacher", "losses": { "layer_pairs": [[1, 1]] },
                  "data": [
                    { "file": "texts.txt", "form": "sentences", "weight": 2 },
                    { "file": "texts.txt", "form": "spans", "weight": 1 }
                  ],
                  "similarity": { "file": "pairs.tsv", "text": "a", "pair": "b", "label": "score" },
                  "max_length": 24, "steps": 60, "batch_tokens": 300, "micro_batch_tokens": 150, "learning_rate": 2e-3, "dropout": 0.1,
                  "evaluate_every": 20, "checkpoint_minutes": 0
                }
              ]
            }
            """)!.AsObject();
        recipe["output"] = Place(name);
        change?.Invoke(recipe);
        var file = Place(name + ".json");
        File.WriteAllText(file, recipe.ToJsonString());
        return file;
    }

    /// <summary>Runs a recipe.</summary>
    public static TrainingResult Run(string recipe, bool resume = false, int threads = 1, IProgress<TrainingProgress>? progress = null,
        CancellationToken? cancellation = null) => Trainer.Run(
            Training.Recipe.Load(recipe) with { Threads = threads }, resume, progress,
            cancellation ?? TestContext.Current.CancellationToken);

    public byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(Place(name), "model.safetensors"));

    public void Dispose() => _teacher.Dispose();
}
