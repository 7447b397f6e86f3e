using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert;

/// <summary>What happens to an asynchronous call when the model's queue is full.</summary>
public enum QueueFullMode
{
    /// <summary>The call waits for room. Waiting calls keep their order.</summary>
    Wait,

    /// <summary>The call fails at once with a <see cref="QueueFullException"/>. This suits servers whose clients can try again.</summary>
    Reject,
}

/// <summary>How a model computes. The options apply to all pipelines on the model.</summary>
public sealed record ModelOptions
{
    /// <summary>The largest value of <see cref="Threads"/>.</summary>
    public const int MaxThreads = WorkerPool.MaxThreadCount;

    /// <summary>The largest value of <see cref="BatchTokens"/>: 2^20.</summary>
    public const int MaxBatchTokens = 1 << 20;

    /// <summary>The name of the model in telemetry. Null uses the name of its folder, or its "owner/name" on the hub.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The number format of the linear layers (default <see cref="Precision.Auto"/>, the format that the model's files are intended for).
    /// With <see cref="Precision.Int8"/>, float32 weights are rounded while the model is loaded, and quantized weights are used as they
    /// are.
    /// </summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// The number of threads that one call may use, including the calling thread; 1 to <see cref="MaxThreads"/>. Null means one per core
    /// that the process may use, with regard to affinity and the quota of a container. Results have the same bits for any number.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>
    /// The number of tokens that are computed together when there are many texts or windows; 1 to <see cref="MaxBatchTokens"/> (default
    /// 2,048). It limits the memory. A text is never cut because of it.
    /// </summary>
    public int BatchTokens { get; init; } = 2048;

    /// <summary>
    /// The number of batches that are computed at the same time, for all pipelines together; 1 or more. Other batches wait in the order of
    /// their arrival. Each batch needs its own working memory. Null means the number of threads, which keeps all cores busy.
    /// </summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>
    /// The capacity of the queue of asynchronous calls, in tokens; 1 or more (default 262,144). The tokens are estimated from the length of
    /// the texts. An empty queue always accepts one text of any length.
    /// </summary>
    public int QueueCapacity { get; init; } = 1 << 18;

    /// <summary>What happens to an asynchronous call when the queue is full (default <see cref="QueueFullMode.Wait"/>).</summary>
    public QueueFullMode QueueFullMode { get; init; }

    /// <summary>
    /// The largest working memory that is kept for later calls, in bytes; zero or more. Null keeps as much as <see cref="MaxConcurrency"/>
    /// batches of each pipeline have needed.
    /// </summary>
    public long? MaxRetainedBytes { get; init; }

    /// <summary>Internal options: tests use other precisions, and share the work of tiny models among threads.</summary>
    internal EngineOptions? Engine { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range. The message names it.</exception>
    internal void Validate()
    {
        Positive(Threads ?? 1, nameof(Threads), MaxThreads);
        Positive(BatchTokens, nameof(BatchTokens), MaxBatchTokens);
        Positive(MaxConcurrency ?? 1, nameof(MaxConcurrency));
        Positive(QueueCapacity, nameof(QueueCapacity));
        if (MaxRetainedBytes is { } bytes) ArgumentOutOfRangeException.ThrowIfNegative(bytes, nameof(MaxRetainedBytes));
        if (!Enum.IsDefined(Precision))
            throw new ArgumentOutOfRangeException(nameof(Precision), Precision, "there is no such precision");
        if (!Enum.IsDefined(QueueFullMode))
            throw new ArgumentOutOfRangeException(nameof(QueueFullMode), QueueFullMode, "there is no such mode");
    }

    private static void Positive(int value, string name, int maximum = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        if (value > maximum) throw new ArgumentOutOfRangeException(name, value, $"{name} must be 1 to {maximum}");
    }
}
