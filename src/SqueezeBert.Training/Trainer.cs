using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Recipes;
using SqueezeBert.Training.Running;

namespace SqueezeBert.Training;

/// <summary>
/// Trains models: masked language models on plain text, classification and regression models on labelled text, and small encoders that
/// imitate the vectors of large ones. With the same seed, the result has the same bits for any number of threads. A resumed run gives the
/// same bits as an uninterrupted one. Stages that are limited by minutes are the exception.
/// </summary>
public static class Trainer
{
    /// <summary>Runs all stages of a recipe. The model and metrics.jsonl are saved in the recipe's output folder.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="resume">
    /// Whether to continue from the newest checkpoint in the output folder, if there is one. If false, an output folder with checkpoints is
    /// an error. An output folder with a model is always an error.
    /// </param>
    /// <param name="progress">
    /// Receives the progress after each step. It is called on the calling thread; <see cref="Progress{T}"/> forwards to the context in
    /// which it was created. Null reports nothing.
    /// </param>
    /// <param name="cancellationToken">Stops the training after the running step. A checkpoint is saved first.</param>
    /// <returns>The result of the training.</returns>
    /// <exception cref="RecipeException">The recipe requires something impossible.</exception>
    /// <exception cref="DataFormatException">A data file has an invalid row. The message names the file and the line.</exception>
    /// <exception cref="InvalidModelFileException">The model to start from or a checkpoint is damaged.</exception>
    /// <exception cref="OperationCanceledException">
    /// The training was cancelled. A checkpoint exists unless the first stage had not begun.
    /// </exception>
    public static TrainingResult Run(Recipe recipe, bool resume = false, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        using var run = new TrainingRun(recipe, progress, cancellationToken);
        return run.Execute(resume);
    }

    /// <summary>Returns whether the output folder of a recipe contains a checkpoint to continue from.</summary>
    /// <param name="recipe">The recipe.</param>
    public static bool CanResume(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return new OutputFolder(recipe.Output).Checkpoints.Count > 0;
    }
}
