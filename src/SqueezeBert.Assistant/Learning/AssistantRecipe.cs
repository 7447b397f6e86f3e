using SqueezeBert.Assistant.Definitions;
using SqueezeBert.Checkpoints;
using SqueezeBert.Training;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Assistant.Learning;

/// <summary>The recipe of an assistant's model, with defaults that suit some hundred sentences.</summary>
internal static class AssistantRecipe
{
    // Few sentences need more passes than the trainer's defaults for files have.
    private const double SentencesToSee = 12_000;
    private const int MinEpochs = 4, MaxEpochs = 40, MaxLength = 64, BatchSize = 16;

    /// <summary>Makes the recipe.</summary>
    /// <param name="training">What the user wants.</param>
    /// <param name="definition">The user's file.</param>
    /// <param name="output">The folder of the model.</param>
    /// <param name="train">JSON lines to train on.</param>
    /// <param name="sentences">How many.</param>
    /// <param name="evaluation">JSON lines to evaluate on; null: none.</param>
    public static Recipe Make(
        AssistantTraining training, AssistantDefinition definition, string output, string train, int sentences, string? evaluation)
    {
        using var from = ModelFolder.Open(training.From);
        var hasSlots = definition.Examples.Any(example => example.Spans.Count > 0);
        var task = hasSlots ? TrainingTasks.IntentsAndSlots : TrainingTasks.SingleLabel;
        DataSource[] data = [Source(train)];
        DataSource[] held = evaluation is null ? [] : [Source(evaluation)];
        var stage = new StageRecipe
        {
            Name = "assistant",
            Task = hasSlots ? task : TrainingTasks.Joint,
            Data = hasSlots ? data : [],
            Evaluation = hasSlots ? held : [],

            // A file without slots has one head, with the name that it has beside slots.
            Heads = hasSlots ? [] : [new HeadRecipe { Name = "intent", Task = task, Data = data, Evaluation = held, HeldOut = 0 }],
            HeldOut = 0,
            MaxLength = Math.Min(MaxLength, from.Configuration.MaxPositionEmbeddings),
            Epochs = training.Epochs ?? Math.Clamp(Math.Ceiling(SentencesToSee / sentences), MinEpochs, MaxEpochs),
            BatchSize = BatchSize,
            LearningRate = training.LearningRate ?? StartDefaults.For(from.Configuration).LearningRate,
            KeepBest = false,
            Baseline = false,
            CheckpointMinutes = 0,
            EvaluateEvery = int.MaxValue,
        };
        return new Recipe
        {
            File = training.File,
            From = training.From,
            Output = output,
            Seed = training.Seed,
            Threads = training.Threads,
            Stages = [stage],
        };

        DataSource Source(string file) => hasSlots ? new DataSource { File = file, Text = "words", Label = "tags", Intent = "intent" }
            : new DataSource { File = file, Text = "text", Label = "intent" };
    }
}
