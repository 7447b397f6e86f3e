using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert;

/// <summary>What an asynchronous call meets when the model's queue is full.</summary>
public enum QueueFullMode
{
    /// <summary>It waits for room, in the order of the calls.</summary>
    Wait,

    /// <summary>It fails at once with a <see cref="QueueFullException"/>: what a server wants, whose clients can come again.</summary>
    Reject,
}

/// <summary>How a model computes, whatever pipelines use it.</summary>
public sealed record ModelOptions
{
    /// <summary>Most <see cref="Threads"/>: more than any machine has cores, and few enough to be started.</summary>
    public const int MaxThreads = WorkerPool.MaxThreadCount;

    /// <summary>Most <see cref="BatchTokens"/>: 2^20.</summary>
    public const int MaxBatchTokens = 1 << 20;

    /// <summary>What telemetry calls the model; null for the name of its folder, or owner/name of the hub.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// What the linear layers are computed with, by default what the model's files are made for. Weights in float32 are rounded when the
    /// model is loaded with <see cref="Precision.Int8"/>; quantized ones are used as they are.
    /// </summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Threads that one call may use, the caller included; null for one per core that the process may use (affinity and a container's quota
    /// count). The result has the same bits whatever it is. 1 to <see cref="MaxThreads"/>.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Tokens that are computed together when there are many texts or windows: bounds the memory. A text is never cut because of it.
    /// 1 to <see cref="MaxBatchTokens"/>.
    /// </summary>
    public int BatchTokens { get; init; } = 2048;

    /// <summary>
    /// Batches that are computed at a time, whoever asked for them; the others wait in the order in which they came. Each needs working
    /// memory of its own. Null for as many as there are threads, which is what keeps all cores busy.
    /// </summary>
    public int? MaxConcurrency { get; init; }

    /// <summary>
    /// Tokens, estimated from the length of the texts, that may wait in the queue of asynchronous calls; a single text always finds room in
    /// an empty queue.
    /// </summary>
    public int QueueCapacity { get; init; } = 1 << 18;

    /// <summary>What an asynchronous call meets when the queue is full.</summary>
    public QueueFullMode QueueFullMode { get; init; }

    /// <summary>
    /// Bytes of working memory that are kept for the next calls; null for as much as <see cref="MaxConcurrency"/> batches of each pipeline
    /// ever took.
    /// </summary>
    public long? MaxRetainedBytes { get; init; }

    /// <summary>What is not for users: tests compute in other precisions and share tiny models among threads.</summary>
    internal EngineOptions? Engine { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names it.</exception>
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
