using SqueezeBert.Gradients.Memory;
using SqueezeBert.Memory;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Starts;
using SqueezeBert.Training.TeacherCaches;

namespace SqueezeBert.Training.Distillation;

/// <summary>Like <see cref="TeacherClassifiers"/>, but each teacher has already been run once on every text. Not thread-safe.</summary>
internal sealed unsafe class CachedClassifiers : ITeacherLogits
{
    private readonly List<(TeacherCache Cache, int[] Order)> _teachers = [];
    private readonly NativeBuffer _memory = new();
    private readonly int _classes;

    /// <param name="cacheFolder">The folder of the caches.</param>
    /// <param name="folders">The folders of the teachers; at least one.</param>
    /// <param name="labels">The labels of the student, in the order of their ids.</param>
    /// <param name="examples">The texts.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    /// <exception cref="ArgumentException">A teacher has other labels. The message lists them.</exception>
    public CachedClassifiers(
        string cacheFolder, IReadOnlyList<string> folders, IReadOnlyList<string> labels, ExampleSet examples, WorkerPool pool)
    {
        _classes = labels.Count;
        foreach (var folder in folders)
        {
            using var teacher = new TeacherModel(folder);
            var order = TeacherLabels.Order(folder, teacher.Configuration.Labels, labels);
            _teachers.Add((new TeacherCache(cacheFolder, folder, CacheKind.Logits, [examples], pool), order));
        }
    }

    /// <inheritdoc/>
    public NativeRows Rows { get; private set; }

    /// <inheritdoc/>
    public void Open(Action<string> tell, CancellationToken cancellationToken)
    {
        foreach (var (cache, _) in _teachers) cache.Open(tell, cancellationToken);
    }

    /// <inheritdoc/>
    public void Prepare(MicroBatch examples)
    {
        var texts = examples.Batch.TextCount;
        _memory.Reserve(NativeBuffer.BytesOf((long)texts * _classes));
        Rows = new NativeRows(_memory.Floats, texts, _classes);
        new Span<float>(_memory.Floats, texts * _classes).Clear();
        var share = 1f / _teachers.Count;
        foreach (var (cache, order) in _teachers)
        {
            cache.Prepare(examples);
            for (var text = 0; text < texts; text++)
            {
                for (var label = 0; label < _classes; label++) Rows.Row(text)[label] += share * cache.Rows.Row(text)[order[label]];
            }
        }
    }

    public void Dispose()
    {
        foreach (var (cache, _) in _teachers) cache.Dispose();
        _memory.Dispose();
    }
}
