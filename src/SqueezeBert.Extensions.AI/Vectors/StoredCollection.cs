namespace SqueezeBert.Extensions.AI.Vectors;

/// <summary>A record that is kept: a copy of the user's, its vectors by the number of their property, and its age.</summary>
/// <param name="Record">Without vectors.</param>
/// <param name="Vectors">Null where the record has none.</param>
/// <param name="Number">In the order in which the keys came.</param>
internal sealed record StoredRecord(object Record, StoredVector?[] Vectors, long Number);

/// <summary>The records of a collection by key. Readers see a moment of it: a search is not disturbed by changes. Thread-safe.</summary>
/// <param name="types">The types of keys and records that it was made for.</param>
internal sealed class StoredCollection((Type Key, Type Record) types)
{
    private readonly object _lock = new();
    private readonly Dictionary<object, StoredRecord> _records = [];
    private StoredRecord[]? _all;
    private long _number;

    public (Type Key, Type Record) Types => types;

    public StoredRecord? Find(object key)
    {
        lock (_lock) return _records.GetValueOrDefault(key);
    }

    /// <summary>All records of this moment, in the order in which their keys came.</summary>
    public StoredRecord[] All()
    {
        lock (_lock) return _all ??= [.. _records.Values.OrderBy(record => record.Number)];
    }

    /// <summary>Adds all records, or puts them in the place of those of their keys, in one step.</summary>
    public void Put(IEnumerable<(object Key, object Record, StoredVector?[] Vectors)> records)
    {
        lock (_lock)
        {
            foreach (var (key, record, vectors) in records)
            {
                var number = _records.TryGetValue(key, out var old) ? old.Number : _number++;
                _records[key] = new StoredRecord(record, vectors, number);
            }

            _all = null;
        }
    }

    public void Remove(IEnumerable<object> keys)
    {
        lock (_lock)
        {
            foreach (var key in keys) _records.Remove(key);
            _all = null;
        }
    }
}
