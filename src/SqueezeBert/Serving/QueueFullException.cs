namespace SqueezeBert;

/// <summary>
/// An asynchronous call was refused, because the queue of the model is full and <see cref="ModelOptions.QueueFullMode"/> is
/// <see cref="QueueFullMode.Reject"/>.
/// </summary>
public sealed class QueueFullException : SqueezeBertException
{
    internal QueueFullException(int capacity)
        : base(ErrorKind.Busy, $"the model's queue holds its {capacity} tokens: try again later, or raise ModelOptions.QueueCapacity")
    {
    }
}
