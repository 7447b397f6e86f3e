using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>
/// The memory of one caller of an <see cref="InferenceModel"/>. A warm session allocates nothing. Not thread-safe: make one a thread, or
/// use a pipeline, which keeps as many as it needs. Disposing a session, or its model, while it runs lets the run end.
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

    /// <summary>Native memory that the activations take, in bytes; grows to the largest batch.</summary>
    public long ActivationBytes => _execution.ByteCount;

    /// <summary>Computes the outputs for every text of the batch.</summary>
    /// <param name="batch">Texts; it may be refilled afterwards.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="ArgumentException">A token id is outside the vocabulary, or a text is longer than the model's
    /// positions.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the session can be used again.</exception>
    /// <exception cref="InvalidOperationException">Another thread runs this session now.</exception>
    /// <exception cref="ObjectDisposedException">The session or its model is disposed.</exception>
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
    /// An output of the last run, [<see cref="GetRowCount"/>, <see cref="GetWidth"/>] row-major; valid until the next run and as long as
    /// the session is not disposed. Rows are tokens (hidden states, in the order of the batch) or texts (pooler output, logits of a
    /// classifier).
    /// </summary>
    /// <exception cref="ArgumentException">The session was not made for this output.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public ReadOnlySpan<float> GetOutput(string name)
    {
        ThrowIfDisposed();
        return _execution.Output(Value(name));
    }

    /// <summary>Rows of an output of the last run.</summary>
    public int GetRowCount(string name) => _execution.RowCount(Value(name));

    /// <summary>Channels of an output.</summary>
    public int GetWidth(string name) => Value(name).Width;

    /// <summary>
    /// A text's attention of the last run, [heads, tokens, tokens]: scaled scores before the softmax for SqueezeBERT, probabilities for
    /// BERT and its relatives, as in transformers. Valid as <see cref="GetOutput"/> is.
    /// </summary>
    /// <exception cref="ArgumentException">The session was not made for this output.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
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

    /// <summary>What runs the plan.</summary>
    internal Execution Execution => _execution;

    /// <summary>As <see cref="Run"/>, for a caller that the model has counted in: its call ends although the model is disposed.</summary>
    internal void RunEntered(PackedBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (Interlocked.Exchange(ref _running, 1) != 0)
            throw new InvalidOperationException("a session runs one batch at a time: make one a thread with InferenceModel.CreateSession");
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

    /// <summary>Gives the activations' memory back; the next run takes what it needs. Not while it runs.</summary>
    internal void Trim() => _execution.Trim();

    /// <summary>Whether an output's rows are tokens; they are texts otherwise.</summary>
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
