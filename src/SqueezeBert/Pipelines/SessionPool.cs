namespace SqueezeBert.Pipelines;

/// <summary>Lends each concurrent caller of a pipeline its own session and buffers; keeps as many as were ever needed at once.</summary>
internal sealed class SessionPool<T>(Func<T> create) : IDisposable
    where T : class, IDisposable
{
    private readonly Stack<T> _idle = new();
    private bool _disposed;

    public T Rent()
    {
        lock (_idle)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_idle.TryPop(out var item)) return item;
        }

        return create();
    }

    public void Return(T item)
    {
        lock (_idle)
        {
            if (!_disposed)
            {
                _idle.Push(item);
                return;
            }
        }

        item.Dispose();
    }

    public void Dispose()
    {
        lock (_idle)
        {
            _disposed = true;
            while (_idle.TryPop(out var item)) item.Dispose();
        }
    }
}
