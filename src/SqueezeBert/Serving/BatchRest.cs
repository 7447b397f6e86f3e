namespace SqueezeBert.Serving;

/// <summary>The items that may go with the first one of a batch, in the order in which they came. For one thread.</summary>
/// <param name="queue">Where they wait.</param>
/// <param name="first">The first one.</param>
/// <param name="share">Estimated tokens of all of them.</param>
internal sealed class BatchRest(WorkQueue queue, WorkItem first, int share)
{
    private int _room = share - first.Cost;

    /// <summary>Takes the next one; null where the batch has its share, or nothing waits for its runner.</summary>
    public WorkItem? TakeNext()
    {
        if (_room <= 0 || queue.TakeNext(first.Runner, _room) is not { } next) return null;
        _room -= next.Cost;
        return next;
    }
}
