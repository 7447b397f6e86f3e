using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.ModelFolders;
using SqueezeBert.Training.Starts;

namespace SqueezeBert.Training;

/// <summary>Makes a small model of a large one without training: a start for distillation that already knows most of the task.</summary>
public static class StudentModel
{
    /// <summary>
    /// Writes a student: config.json, model.safetensors, the teacher's tokenizer and, of a sentence encoder, its modules.json, pooling and
    /// prompts.
    /// </summary>
    /// <param name="teacher">The folder of a saved model, with or without a head; a head is kept.</param>
    /// <param name="folder">Made if need be; it must not hold a model.</param>
    /// <param name="options">What to keep; null: everything.</param>
    /// <param name="cancellationToken">Looked at between tensors; no model is written then.</param>
    /// <exception cref="ArgumentException">The teacher has no such layer.</exception>
    /// <exception cref="InvalidModelFileException">A file of the teacher is missing or damaged, or the folder holds a model.</exception>
    /// <exception cref="NotSupportedException">The teacher's head is not supported.</exception>
    public static StudentReport Create(
        string teacher, string folder, StudentOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(teacher);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new StudentOptions();
        using var source = new TeacherModel(teacher);
        var output = Path.Combine(folder, source.Sentence.EncoderFolder);
        CheckIsFree(folder);
        CheckIsFree(output);
        var selection = new LayerSelection(options.KeepLayers, source.Configuration.LayerCount);
        var configuration = source.Configuration with { LayerCount = selection.Kept.Count };
        var graph = ModelGraph.Create(configuration, source.Head, hasPooler: source.HasPooler);
        var tensors = new List<NamedTensor>();
        foreach (var parameter in graph.Parameters)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tensors.Add(new NamedTensor(parameter.Name, parameter.Shape, source.Read(selection.TeacherName(parameter.Name), parameter)));
        }

        source.Sentence.CopyTo(folder);
        ModelFolder.Save(output, configuration, tensors, options.Precision, source.Tokenizer);
        return new StudentReport(configuration, selection.Kept, ModelCost.ParameterCount(graph));
    }

    private static void CheckIsFree(string folder)
    {
        foreach (var name in (string[])[ModelConfiguration.FileName, WeightFiles.Safetensors])
        {
            if (File.Exists(Path.Combine(folder, name)))
                throw new InvalidModelFileException(folder, null, $"has a {name} already; give another folder, or delete it");
        }
    }
}

/// <summary>What a student was made of.</summary>
/// <param name="Configuration">The student's.</param>
/// <param name="KeptLayers">The teacher's layer for each of the student's.</param>
/// <param name="ParameterCount">Elements of all parameters.</param>
public sealed record StudentReport(ModelConfiguration Configuration, IReadOnlyList<int> KeptLayers, long ParameterCount);
