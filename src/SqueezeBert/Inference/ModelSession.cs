using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>
/// Runs an <see cref="InferenceModel"/> on token ids and holds the memory for one caller. After the first run of the largest batch, a
/// session allocates nothing. A session is not thread-safe: create one per thread, or use a pipeline, which keeps as many sessions as it
/// needs. A run that is in progress when the session or its model is disposed completes normally.
/// </summary>
public sealed class ModelSession : IDisposable
{
    private readonly Engine _engine;
    private readonly InferencePlan _plan;
    private readonly Execution _execution;
    private readonly Lifetime _lifetime;
    private int _running;

    internal ModelSession(Engine engine, InferencePlan plan, Execution execution)
    {
        _engine = engine;
        _plan = plan;
        _execution = execution;
        _lifetime = new Lifetime(nameof(ModelSession), execution.Dispose);
    }

    /// <summary>The native memory that the activations take, in bytes. It grows to what the largest batch has needed.</summary>
    public long ActivationBytes => _execution.ByteCount;

    /// <summary>Computes the outputs for every text of a batch.</summary>
    /// <param name="batch">The texts as tokens. The batch may be refilled after the call.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="ArgumentException">
    /// A token id is not in the vocabulary, or a text has more tokens than the model has positions.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled. The session can be used again.</exception>
    /// <exception cref="InvalidOperationException">Another thread is running this session.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model has been disposed.</exception>
    public void Run(PackedBatch batch, CancellationToken cancellationToken = default)
    {
        _engine.Lifetime.Enter();
        try
        {
            RunEntered(batch, cancellationToken);
        }
        finally
        {
            _engine.Lifetime.Exit();
        }
    }

    /// <summary>
    /// Returns an output of the last run. The shape is [<see cref="GetRowCount"/>, <see cref="GetWidth"/>], in row-major order. Rows are
    /// tokens in the order of the batch (hidden states) or texts (pooler output and logits of a classifier). The span is valid until the
    /// next run or until the session is disposed.
    /// </summary>
    /// <param name="name">The name of an output that the session was created for.</param>
    /// <exception cref="ArgumentException">The session was not created for this output.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public ReadOnlySpan<float> GetOutput(string name)
    {
        ThrowIfDisposed();
        return _execution.Output(Value(name));
    }

    /// <summary>Returns the number of rows of an output of the last run.</summary>
    /// <param name="name">The name of an output that the session was created for.</param>
    public int GetRowCount(string name) => _execution.RowCount(Value(name));

    /// <summary>Returns the number of channels of an output.</summary>
    /// <param name="name">The name of an output that the session was created for.</param>
    public int GetWidth(string name) => Value(name).Width;

    /// <summary>
    /// Returns the attention of one text in the last run, with the shape [heads, tokens, tokens]. As in transformers, these are scaled
    /// scores before the softmax for SqueezeBERT, and probabilities for BERT and related models. The span is valid as long as that of
    /// <see cref="GetOutput"/>.
    /// </summary>
    /// <param name="name">The name of an attention output that the session was created for.</param>
    /// <param name="text">The index of the text in the batch, from 0.</param>
    /// <exception cref="ArgumentException">The session was not created for this output.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such text.</exception>
    public ReadOnlySpan<float> GetAttention(string name, int text)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)text, (uint)_execution.TextCount, nameof(text));
        foreach (var capture in _plan.Captures)
        {
            if (capture.Name == name) return _execution.Output(capture, text);
        }

        throw NotComputed(name);
    }

    /// <summary>The execution of the plan.</summary>
    internal Execution Execution => _execution;

    /// <summary>
    /// Like <see cref="Run"/>, for a caller that has already entered the model's lifetime. The call completes even if the model is
    /// disposed.
    /// </summary>
    internal void RunEntered(PackedBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            throw new InvalidOperationException(
                "a session runs one batch at a time: create one per thread with InferenceModel.CreateSession");
        }

        try
        {
            _lifetime.Enter();
            try
            {
                _execution.Run(batch, cancellationToken);
            }
            finally
            {
                _lifetime.Exit();
            }
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>Frees the memory of the activations. The next run allocates what it needs. It must not be called during a run.</summary>
    internal void Trim() => _execution.Trim();

    /// <summary>Whether the rows of an output are tokens. Otherwise they are texts.</summary>
    internal bool IsByToken(string name) => Value(name).Rows == RowSet.Tokens;

    /// <inheritdoc/>
    public void Dispose() => _lifetime.Close();

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_lifetime.IsClosed, this);

    private PlanValue Value(string name) => _plan.Outputs.TryGetValue(name, out var value) ? value : throw NotComputed(name);

    private ArgumentException NotComputed(string name) => new(
        $"the session computes {string.Join(", ", _plan.Outputs.Keys.Concat(_plan.Captures.Select(capture => capture.Name)))}, not " +
            $"'{name}': name it when the session is made",
        nameof(name));
}
