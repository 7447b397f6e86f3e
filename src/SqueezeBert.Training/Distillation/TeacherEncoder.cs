using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Teachers;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Threading;
using SqueezeBert.Training.Starts;

namespace SqueezeBert.Training.Distillation;

/// <summary>
/// A saved encoder whose weights are not changed. It runs on the batches and the threads of its student. Not thread-safe.
/// </summary>
internal sealed class TeacherEncoder : IDisposable
{
    private readonly Engine _model;

    /// <param name="path">The path of its folder.</param>
    /// <param name="outputs">Returns the hidden states that the losses read, given the number of layers.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    /// <exception cref="InvalidModelFileException">The encoder cannot be read.</exception>
    public TeacherEncoder(string path, Func<int, IReadOnlyList<string>> outputs, WorkerPool pool)
    {
        using var teacher = new TeacherModel(path);
        LayerCount = teacher.Configuration.LayerCount;
        _model = new Engine(
            teacher.Configuration, AttentionInputs.Add(ModelGraph.Create(teacher.Configuration, ModelHead.None, hasPooler: false)),
            teacher.Folder.Weights, pool: pool);
        Outputs = new Teacher(_model, outputs(LayerCount), hasMeanVectors: true, pool);
    }

    /// <summary>The number of its layers.</summary>
    public int LayerCount { get; }

    /// <summary>The outputs of the encoder.</summary>
    public Teacher Outputs { get; }

    public void Dispose()
    {
        Outputs.Dispose();
        _model.Dispose();
    }
}
