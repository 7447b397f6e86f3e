using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.SentenceTransformers;

namespace SqueezeBert.Training.Running;

/// <summary>
/// Writes the model of a stage in the layout of transformers. A student of a sentence encoder gets the files that say how a vector is made:
/// those of its start, else those of its teacher.
/// </summary>
internal sealed class ModelWriter(StartingPoint start, Recipe recipe, StageRecipe stage)
{
    private readonly SentenceFiles? _files = stage.Task.HasTeacher ? FilesOf(recipe.From) ?? FilesOf(stage.Teacher) : null;

    /// <summary>
    /// Writes the trained model in the recipe's type, else in that of the start. A value that has grown beyond the start's type is no
    /// reason to lose a training: then float32 is written.
    /// </summary>
    /// <returns>What was written.</returns>
    public TensorType SaveResult(string folder, StageModel model)
    {
        if (recipe.Precision is { } asked)
        {
            Save(folder, model, asked);
            return asked;
        }

        try
        {
            Save(folder, model, start.StoredType);
            return start.StoredType;
        }
        catch (OverflowException) when (start.StoredType != TensorType.Float32)
        {
            Save(folder, model, TensorType.Float32);
            return TensorType.Float32;
        }
    }

    /// <summary>Writes the folder, with the tensors that go along with the model; each of its files is whole or as it was.</summary>
    public void Save(string folder, StageModel model, TensorType type)
    {
        Directory.CreateDirectory(folder);
        _files?.CopyTo(folder);
        start.Tokenizer.Save(folder);
        ModelFolder.Save(
            folder, model.Configuration, [.. model.Tensors(), .. start.Others(model, stage)], type);
    }

    // An encoder in a folder of its own (0_Transformer) has files that name it, which a plain folder does not have.
    private static SentenceFiles? FilesOf(string? folder) =>
        folder is not null && SentenceEncoderSettings.Exists(folder) && new SentenceFiles(folder) is { EncoderFolder: "" } files
            ? files : null;
}
