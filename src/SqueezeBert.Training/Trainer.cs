using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Recipes;
using SqueezeBert.Training.Running;

namespace SqueezeBert.Training;

/// <summary>
/// Trains models: masked language on plain text, classification and regression on labelled text, small encoders after the vectors of large
/// ones. With one seed the result has the same bits whatever the number of threads, and a resumed run has those of an uninterrupted one
/// (stages that are limited by minutes aside).
/// </summary>
public static class Trainer
{
    /// <summary>Runs all stages of a recipe and saves the model in the recipe's output folder, with metrics.jsonl beside it.</summary>
    /// <param name="recipe">What to train.</param>
    /// <param name="resume">Whether to go on from the newest checkpoint in the output folder, if there is one. Without it, a folder with
    /// checkpoints is an error. One with a model always is.</param>
    /// <param name="progress">Told of each step, from the calling thread's context as <see cref="IProgress{T}"/> implementations
    /// do.</param>
    /// <param name="cancellationToken">Stops after the running step; a checkpoint is saved first.</param>
    /// <exception cref="RecipeException">The recipe asks for something impossible.</exception>
    /// <exception cref="DataFormatException">A data file has a bad row; the message names file and line.</exception>
    /// <exception cref="InvalidModelFileException">A model to start from, or a checkpoint, is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; a checkpoint is there unless the first stage had not
    /// begun.</exception>
    public static TrainingResult Run(Recipe recipe, bool resume = false, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        using var run = new TrainingRun(recipe, progress, cancellationToken);
        return run.Execute(resume);
    }

    /// <summary>Whether the recipe's output folder has a checkpoint to go on from.</summary>
    public static bool CanResume(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return new OutputFolder(recipe.Output).Checkpoints.Count > 0;
    }
}
