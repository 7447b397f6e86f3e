namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>The best of many records by score, and of those with equal scores the older ones.</summary>
/// <param name="count">How many are kept.</param>
/// <param name="isSimilarity">Whether a higher score is better.</param>
internal sealed class TopRecords(int count, bool isSimilarity)
{
    // The worst of those that are kept comes first.
    private readonly PriorityQueue<StoredRecord, (double Badness, long Number)> _kept = new(
        Comparer<(double Badness, long Number)>.Create(static (a, b) => b.CompareTo(a)));

    public void Add(StoredRecord record, double score)
    {
        (double Badness, long Number) order = (isSimilarity ? -score : score, record.Number);
        if (_kept.Count < count) _kept.Enqueue(record, order);
        else _kept.EnqueueDequeue(record, order);
    }

    /// <summary>Best first.</summary>
    public IEnumerable<(StoredRecord Record, double Score)> InOrder() => _kept.UnorderedItems
        .OrderBy(item => item.Priority)
        .Select(item => (item.Element, isSimilarity ? -item.Priority.Badness : item.Priority.Badness));
}
