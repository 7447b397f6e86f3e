using System.Runtime.ExceptionServices;

namespace SqueezeBert.Cli.Input;

/// <summary>
/// Reads items on a thread of its own while others are worked on, and hands over those that are there: many at once where the source is
/// faster than the work, one as soon as it comes where the source is slow, such as a pipe that a person types into.
/// </summary>
internal static class ReadAhead
{
    // How many batches may wait: bounds the memory.
    private const int BatchesAhead = 2;

    /// <summary>The items in order, in batches of at least one.</summary>
    /// <param name="source">Enumerated, and disposed, on the reading thread. What it throws is thrown behind the items before.</param>
    /// <param name="size">How much an item counts for.</param>
    /// <param name="batchSize">A batch ends when it counts for this much.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static IEnumerable<IReadOnlyList<T>> Batches<T>(
        IEnumerable<T> source, Func<T, int> size, int batchSize, CancellationToken cancellationToken)
    {
        var queue = new Buffer<T>(size, batchSize);
        new Thread(() => queue.Fill(source)) { IsBackground = true, Name = "squeezebert input" }.Start();
        try
        {
            using var registration = cancellationToken.Register(queue.Wake);
            while (queue.Take(cancellationToken) is { } batch) yield return batch;
        }
        finally
        {
            queue.Close();
        }
    }

    private sealed class Buffer<T>(Func<T, int> sizeOf, int batchSize)
    {
        private readonly Queue<(T Item, int Size)> _items = new();
        private long _size;
        private bool _ended;
        private bool _closed;
        private ExceptionDispatchInfo? _failure;

        public void Fill(IEnumerable<T> source)
        {
            try
            {
                foreach (var item in source)
                {
                    if (!Put(item)) return;
                }
            }
            catch (Exception exception)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }
            finally
            {
                lock (_items)
                {
                    _ended = true;
                    Monitor.PulseAll(_items);
                }
            }
        }

        public List<T>? Take(CancellationToken cancellationToken)
        {
            lock (_items)
            {
                while (_items.Count == 0 && !_ended)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Monitor.Wait(_items);
                }

                cancellationToken.ThrowIfCancellationRequested();
                if (_items.Count == 0)
                {
                    _failure?.Throw();
                    return null;
                }

                var batch = new List<T>();
                for (long taken = 0; taken < batchSize && _items.TryDequeue(out var next); taken += next.Size)
                {
                    batch.Add(next.Item);
                    _size -= next.Size;
                }

                Monitor.PulseAll(_items);
                return batch;
            }
        }

        public void Wake()
        {
            lock (_items) Monitor.PulseAll(_items);
        }

        public void Close()
        {
            lock (_items)
            {
                _closed = true;
                Monitor.PulseAll(_items);
            }
        }

        private bool Put(T item)
        {
            var size = sizeOf(item);
            lock (_items)
            {
                while (_size >= (long)BatchesAhead * batchSize && !_closed) Monitor.Wait(_items);
                if (_closed) return false;
                _items.Enqueue((item, size));
                _size += size;
                Monitor.PulseAll(_items);
                return true;
            }
        }
    }
}
