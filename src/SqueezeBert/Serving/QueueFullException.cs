namespace SqueezeBert;

/// <summary>
/// The queue of a model's asynchronous calls is full, and <see cref="ModelOptions.QueueFullMode"/> says that calls do not wait for room.
/// </summary>
public sealed class QueueFullException : SqueezeBertException
{
    internal QueueFullException(int capacity)
        : base(ErrorKind.Busy, $"the model's queue holds its {capacity} tokens: try again later, or raise ModelOptions.QueueCapacity")
    {
    }
}
