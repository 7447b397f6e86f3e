using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Inference;

/// <summary>
/// The memory of one caller of an <see cref="InferenceModel"/>. A warm session allocates nothing. Not thread-safe: make one a thread, or
/// use a pipeline, which keeps as many as it has callers.
/// </summary>
public sealed class InferenceSession : IDisposable
{
    private readonly InferenceModel _model;
    private readonly InferencePlan _plan;
    private readonly Execution _execution;
    private bool _disposed;
    private int _running;

    internal InferenceSession(InferenceModel model, InferencePlan plan, Execution execution)
    {
        _model = model;
        _plan = plan;
        _execution = execution;
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
    public void Run(PackedBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_disposed, this);
        _model.ThrowIfDisposed();
        if (Interlocked.Exchange(ref _running, 1) != 0)
            throw new InvalidOperationException("a session runs one batch at a time: make one a thread with InferenceModel.CreateSession");
        try
        {
            _execution.Run(batch, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>
    /// An output of the last run, [<see cref="GetRowCount"/>, <see cref="GetWidth"/>] row-major; valid until the next run. Rows are tokens
    /// (hidden states, in the order of the batch) or texts (pooler output, logits of a classifier).
    /// </summary>
    /// <exception cref="ArgumentException">The session was not made for this output.</exception>
    public ReadOnlySpan<float> GetOutput(string name) => _execution.Output(Value(name));

    /// <summary>Rows of an output of the last run.</summary>
    public int GetRowCount(string name) => _execution.RowCount(Value(name));

    /// <summary>Channels of an output.</summary>
    public int GetWidth(string name) => Value(name).Width;

    /// <summary>
    /// A text's attention of the last run, [heads, tokens, tokens]: scaled scores before the softmax for SqueezeBERT, probabilities for
    /// BERT and its relatives, as in transformers. Valid until the next run.
    /// </summary>
    /// <exception cref="ArgumentException">The session was not made for this output.</exception>
    public ReadOnlySpan<float> GetAttention(string name, int text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)text, (uint)_execution.TextCount, nameof(text));
        foreach (var capture in _plan.Captures)
        {
            if (capture.Name == name) return _execution.Output(capture, text);
        }

        throw NotComputed(name);
    }

    /// <summary>What runs the plan.</summary>
    internal Execution Execution => _execution;

    /// <summary>Whether an output's rows are tokens; they are texts otherwise.</summary>
    internal bool IsByToken(string name) => Value(name).Rows == RowSet.Tokens;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _execution.Dispose();
    }

    private PlanValue Value(string name) => _plan.Outputs.TryGetValue(name, out var value) ? value : throw NotComputed(name);

    private ArgumentException NotComputed(string name) => new(
        $"the session computes {string.Join(", ", _plan.Outputs.Keys.Concat(_plan.Captures.Select(capture => capture.Name)))}, not " +
            $"'{name}': name it when the session is made",
        nameof(name));
}
