using System.Runtime.InteropServices;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Teachers;

/// <summary>
/// A model that is not trained, beside one that is. It runs on the same batches, and losses read its outputs without copying. If the model
/// was created with the same thread pool, both run alternately on it. Not thread-safe.
/// </summary>
internal sealed unsafe class Teacher : IDisposable
{
    private readonly ModelSession _session;
    private readonly WorkerPool _pool;
    private readonly Dictionary<string, SessionRows> _outputs = [];
    private readonly MeanRows? _mean;

    /// <param name="model">Belongs to the caller.</param>
    /// <param name="outputs">The outputs that losses read, such as <see cref="OutputNames.LastHiddenState"/>.</param>
    /// <param name="hasMeanVectors">Whether <see cref="MeanVectors"/> is needed.</param>
    /// <param name="pool">The thread pool for the mean vectors. The bits do not depend on the number of threads.</param>
    /// <exception cref="ArgumentException">The model has no output of a name; the message lists those it has.</exception>
    public Teacher(Engine model, IReadOnlyList<string> outputs, bool hasMeanVectors, WorkerPool pool)
    {
        _pool = pool;
        var names = outputs.Concat(hasMeanVectors ? [OutputNames.LastHiddenState] : []).Distinct().ToList();
        _session = model.CreateSession(names);
        foreach (var name in names) _outputs.Add(name, new SessionRows(_session, name));
        if (hasMeanVectors) _mean = new MeanRows(_outputs[OutputNames.LastHiddenState]);
    }

    /// <summary>The mean of the last hidden states of each text, [texts, width], which is the vector of most sentence encoders.</summary>
    /// <exception cref="InvalidOperationException">The teacher was created without mean vectors.</exception>
    public ITargetRows MeanVectors => _mean ?? throw new InvalidOperationException("the teacher was made without mean vectors");

    /// <summary>Returns an output, whose rows are the tokens or texts of the batch.</summary>
    /// <exception cref="ArgumentException">The teacher was not created for this output.</exception>
    public ITargetRows Output(string name) => _outputs.TryGetValue(name, out var output)
        ? output
        : throw new ArgumentException($"the teacher computes {string.Join(", ", _outputs.Keys)}, not '{name}'", nameof(name));

    /// <summary>Computes the outputs for a batch; they are valid until the next.</summary>
    /// <exception cref="ArgumentException">A token is not in the teacher's vocabulary, or a text is too long for it.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled. The teacher can be used again.</exception>
    public void Run(PackedBatch batch, CancellationToken cancellationToken = default)
    {
        _session.Run(batch, cancellationToken);
        foreach (var output in _outputs.Values) output.Update();
        _mean?.Update(batch, _pool);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _mean?.Dispose();
    }

    /// <summary>An output in the memory of the session, which is not the collector's.</summary>
    private sealed class SessionRows(ModelSession session, string name) : ITargetRows
    {
        public NativeRows Rows { get; private set; }

        public void Update()
        {
            fixed (float* data = &MemoryMarshal.GetReference(session.GetOutput(name)))
                Rows = new NativeRows(data, session.GetRowCount(name), session.GetWidth(name));
        }
    }

    private sealed class MeanRows(SessionRows tokens) : ITargetRows, IParallelBody, IDisposable
    {
        private const int TextBlock = 16;

        private readonly NativeBuffer _memory = new();
        private PackedBatch _batch = null!;

        public NativeRows Rows { get; private set; }

        public void Update(PackedBatch batch, WorkerPool pool)
        {
            _batch = batch;
            var width = tokens.Rows.Width;
            _memory.Reserve(NativeBuffer.BytesOf((long)batch.TextCount * width));
            Rows = new NativeRows(_memory.Floats, batch.TextCount, width);
            pool.Run(this, (batch.TextCount + TextBlock - 1) / TextBlock);
        }

        public void Dispose() => _memory.Dispose();

        public void Execute(int part, int worker)
        {
            var end = Math.Min(_batch.TextCount, (part + 1) * TextBlock);
            for (var text = part * TextBlock; text < end; text++)
            {
                var start = _batch.TextStarts[text];
                TokenMean.Compute(tokens.Rows.Row(start), _batch.TextStarts[text + 1] - start, Rows.Width, Rows.Row(text));
            }
        }
    }
}
