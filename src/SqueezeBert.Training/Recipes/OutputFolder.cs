using System.Globalization;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Training.Recipes;

/// <summary>The folder that a run writes to: the trained model, and while the run goes on its checkpoints.</summary>
internal sealed class OutputFolder(string output)
{
    // What a saved model would replace or stand beside.
    private static readonly string[] ModelFiles =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "vocab.txt", "tokenizer.json"];

    /// <summary>The folder of the checkpoints.</summary>
    public string CheckpointFolder { get; } = Path.Combine(output, "checkpoints");

    /// <summary>The complete checkpoints, oldest first.</summary>
    public IReadOnlyList<string> Checkpoints =>
        !Directory.Exists(CheckpointFolder) ? [] : [.. Directory.EnumerateDirectories(CheckpointFolder)
        .Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _))
        .Order(StringComparer.Ordinal)];

    /// <summary>Whether a file, by its name in the folder, is one that makes the folder a model's.</summary>
    public static bool IsOfModel(string name) => name == ModelConfiguration.FileName || ModelFiles.Contains(name);

    /// <summary>
    /// Refuses an output folder that must not be used: one with a model or a part of one, or one with an unfinished run that is not to be
    /// resumed. What a run that was killed while it saved its model has left is no obstacle. The caller has the folder's lock.
    /// </summary>
    /// <param name="recipe">The name in the message.</param>
    /// <param name="resume">Whether the run goes on from a checkpoint.</param>
    /// <exception cref="RecipeException">The message says what to do.</exception>
    public void Check(string recipe, bool resume)
    {
        if (Checkpoints.Count > 0)
        {
            if (resume) return;
            throw new RecipeException(recipe, "output",
                $"'{output}' has checkpoints of an unfinished run; go on with --resume, or delete '{CheckpointFolder}' to start anew");
        }

        new ModelStaging(output).Recover();
        if (!File.Exists(Path.Combine(output, ModelConfiguration.FileName)))
        {
            if (FirstModelFile() is not { } file) return;
            throw new RecipeException(recipe, "output",
                $"'{output}' has the file of a model already, '{file}', which a training would replace; name another folder, or delete it");
        }

        throw new RecipeException(recipe, "output", resume
            ? $"'{output}' has a model and no checkpoint: that run has ended; name another folder, or delete this one to train anew"
            : $"'{output}' has a model already; name another folder, or delete this one to train anew");
    }

    private string? FirstModelFile() => !Directory.Exists(output) ? null
        : ModelFiles.FirstOrDefault(name => File.Exists(Path.Combine(output, name)))
            ?? Directory.EnumerateFiles(output, "*.onnx").Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault();
}
