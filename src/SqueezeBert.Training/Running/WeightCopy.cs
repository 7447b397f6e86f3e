using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Training.Running;

/// <summary>
/// A second copy of a run's weights in half the size: a model folder in float16 that each checkpoint replaces, file by file. It survives
/// the loss of the training machine if it is on a disk of another machine.
/// </summary>
internal sealed class WeightCopy(string folder, ModelWriter writer)
{
    /// <summary>The file that says where the training stood.</summary>
    public const string StateFile = "training.json";

    /// <summary>Complains about a folder with a model that is not a copy of a run, or of one that is not resumed.</summary>
    /// <exception cref="RecipeException">The message says what to do.</exception>
    public static void Check(string folder, string recipe, bool resume)
    {
        var isCopy = File.Exists(Path.Combine(folder, StateFile));
        if (!File.Exists(Path.Combine(folder, ModelConfiguration.FileName)) || (isCopy && resume)) return;
        throw new RecipeException(recipe, "copy_to", $"'{folder}' has a model already; name another folder, or delete this one");
    }

    /// <summary>Writes the weights; a failure is told, and the training goes on.</summary>
    public void Save(StageModel model, StageState state, StageReporter reporter)
    {
        try
        {
            // The state first: a folder that has a model is known by it as a copy.
            FileProblem.MakeFolder(folder);
            AtomicFile.Write(Path.Combine(folder, StateFile), stream =>
            {
                using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
                json.WriteStartObject();
                json.WriteNumber("stage", state.Stage);
                json.WriteNumber("step", state.Step);
                json.WriteNumber("tokens", state.Tokens);
                json.WriteNumber("seconds", Math.Round(state.Seconds, 3));
                json.WriteEndObject();
            });
            writer.Save(folder, model, TensorType.Float16);
            reporter.Saved(state, $"copy {folder}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OverflowException)
        {
            reporter.Message(state, $"no copy of the weights in '{folder}': {e.Message}");
        }
    }
}
