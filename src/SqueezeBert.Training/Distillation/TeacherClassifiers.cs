using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Teachers;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Memory;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Starts;

namespace SqueezeBert.Training.Distillation;

/// <summary>
/// Saved classifiers whose weights are not changed and whose logits are averaged. They run on the batches and the threads of their student,
/// and their classes are put into the order of its labels. Not thread-safe. After the first runs, a run allocates nothing.
/// </summary>
internal sealed unsafe class TeacherClassifiers : ITeacherLogits
{
    private readonly List<(Engine Model, Teacher Outputs, int[] Order)> _teachers = [];
    private readonly NativeBuffer _memory = new();
    private readonly int _classes;

    /// <param name="folders">The folders of the teachers; at least one.</param>
    /// <param name="labels">The labels of the student, in the order of their ids.</param>
    /// <param name="outputs">Returns the further outputs of the first teacher, given its number of layers.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    /// <exception cref="InvalidModelFileException">A teacher cannot be read.</exception>
    /// <exception cref="ArgumentException">A teacher has other labels. The message lists them.</exception>
    public TeacherClassifiers(
        IReadOnlyList<string> folders, IReadOnlyList<string> labels, Func<int, IReadOnlyList<string>> outputs, WorkerPool pool)
    {
        _classes = labels.Count;
        try
        {
            foreach (var folder in folders)
            {
                using var teacher = new TeacherModel(folder);
                var order = TeacherLabels.Order(folder, teacher.Configuration.Labels, labels);
                if (_teachers.Count == 0) LayerCount = teacher.Configuration.LayerCount;
                var others = _teachers.Count == 0 ? outputs(LayerCount) : [];
                var model = new Engine(
                    teacher.Configuration,
                    AttentionInputs.Add(ModelGraph.Create(teacher.Configuration, ModelHead.SequenceClassification)),
                    teacher.Folder.Weights, pool: pool);
                _teachers.Add((model, new Teacher(model, [OutputNames.Logits, .. others], hasMeanVectors: false, pool), order));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The number of layers of the first teacher.</summary>
    public int LayerCount { get; }

    /// <summary>The mean of the teachers' logits, [texts, labels].</summary>
    public NativeRows Rows { get; private set; }

    /// <summary>Another output of the first teacher.</summary>
    public ITargetRows Output(string name) => _teachers[0].Outputs.Output(name);

    /// <inheritdoc/>
    public void Open(Action<string> tell, CancellationToken cancellationToken)
    {
    }

    /// <inheritdoc/>
    public void Prepare(MicroBatch examples)
    {
        var batch = examples.Batch;
        _memory.Reserve(NativeBuffer.BytesOf((long)batch.TextCount * _classes));
        Rows = new NativeRows(_memory.Floats, batch.TextCount, _classes);
        new Span<float>(_memory.Floats, batch.TextCount * _classes).Clear();
        var share = 1f / _teachers.Count;
        foreach (var (_, outputs, order) in _teachers)
        {
            outputs.Run(batch);
            var logits = outputs.Output(OutputNames.Logits).Rows;
            for (var text = 0; text < batch.TextCount; text++)
            {
                for (var label = 0; label < _classes; label++) Rows.Row(text)[label] += share * logits.Row(text)[order[label]];
            }
        }
    }

    public void Dispose()
    {
        foreach (var (model, outputs, _) in _teachers)
        {
            outputs.Dispose();
            model.Dispose();
        }

        _teachers.Clear();
        _memory.Dispose();
    }
}
