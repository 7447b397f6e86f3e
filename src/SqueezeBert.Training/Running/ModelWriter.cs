using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.SentenceTransformers;
using SqueezeBert.Training.Recipes;

namespace SqueezeBert.Training.Running;

/// <summary>
/// Writes the model of a stage in the layout of transformers, with the files that say how a sentence encoder makes its vectors: those of
/// the start, whatever it is trained for, else those of a student's teacher.
/// </summary>
internal sealed class ModelWriter(StartingPoint start, Recipe recipe, StageRecipe stage)
{
    private readonly SentenceFiles? _files = stage.Task.HasTeacher ? FilesOf(recipe.From) ?? FilesOf(stage.Teacher)
        : ReadableFilesOf(recipe.From);

    /// <summary>
    /// Writes the trained model in the recipe's type, else in that of the start. A value that has grown beyond the start's type is no
    /// reason to lose a training: then float32 is written.
    /// </summary>
    /// <returns>What was written.</returns>
    public TensorType SaveResult(string folder, StageModel model)
    {
        var type = recipe.Precision ?? start.StoredType;
        try
        {
            Place(folder, model, type);
            return type;
        }
        catch (OverflowException) when (recipe.Precision is null && type != TensorType.Float32)
        {
            Place(folder, model, TensorType.Float32);
            return TensorType.Float32;
        }
    }

    /// <summary>Writes the folder, with the tensors that go along with the model; each of its files is whole or as it was.</summary>
    public void Save(string folder, StageModel model, TensorType type)
    {
        FileProblem.MakeFolder(folder);
        if (_files is { EncoderFolder: "" }) _files.CopyTo(folder);
        else if (Settings(folder) is { } settings) WriteSentenceFiles(folder, settings, model.Configuration.HiddenSize);
        start.Tokenizer.Save(folder);
        ModelFolder.Save(
            folder, model.Configuration, [.. model.Tensors(), .. start.Others(model, stage)], type);
    }

    private void Place(string folder, StageModel model, TensorType type) =>
        new ModelStaging(folder).Write(staged => Save(staged, model, type));

    // A sentence encoder that is made of a plain one says itself how it makes its vectors.
    private SentenceEncoderSettings? Settings(string folder) => _files is not null ? _files.Settings
        : !stage.Task.MakesVectors || stage.Task.HasTeacher ? null : new SentenceEncoderSettings
        {
            ModelPath = folder,
            Pooling = stage.Pooling ?? SentencePooling.Mean,
            MaxSequenceLength = stage.MaxLength,
        };

    // The files of an encoder in a folder of its own (0_Transformer) name that folder, which the trained model does not have.
    private static void WriteSentenceFiles(string folder, SentenceEncoderSettings settings, int width)
    {
        SentenceFilesWriter.WriteModules(folder, settings, width);
        if (settings.MaxSequenceLength is not null) SentenceFilesWriter.WriteLength(folder, null, settings);
        if (settings.Prompts.Count > 0) SentenceFilesWriter.WritePrompts(folder, settings);
    }

    private static SentenceFiles? FilesOf(string? folder) =>
        folder is not null && SentenceEncoderSettings.Exists(folder) ? new SentenceFiles(folder) : null;

    // Modules that are not supported (a dense layer behind the pooling) are no obstacle to training the encoder for something else.
    private static SentenceFiles? ReadableFilesOf(string? folder)
    {
        try
        {
            return FilesOf(folder);
        }
        catch (InvalidModelFileException)
        {
            return null;
        }
    }
}
