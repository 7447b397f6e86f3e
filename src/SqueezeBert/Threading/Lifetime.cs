namespace SqueezeBert.Threading;

/// <summary>
/// Counts the users of a resource that must be freed explicitly. Closing refuses new users at once, and the resource is freed when the last
/// user leaves. Thread-safe and without allocations.
/// </summary>
/// <param name="name">The name of the public type, for the exception.</param>
/// <param name="free">Frees the resource. It is called once, by the user that leaves last.</param>
internal sealed class Lifetime(string name, Action free)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The owner counts as a user until it closes.
    private int _users = 1;
    private int _closed;

    /// <summary>Whether new users are refused.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>A task that completes when the resource has been freed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Adds a user, which must leave with <see cref="Exit"/>.</summary>
    /// <exception cref="ObjectDisposedException">The resource is closed.</exception>
    public void Enter()
    {
        if (!TryEnter()) throw new ObjectDisposedException(name);
    }

    /// <summary>Like <see cref="Enter"/>, but returns false if the resource is closed.</summary>
    public bool TryEnter()
    {
        while (true)
        {
            var users = Volatile.Read(ref _users);
            if (users == 0 || IsClosed) return false;
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users) return true;
        }
    }

    /// <summary>Removes a user.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _users) != 0) return;
        try
        {
            free();
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Refuses new users. Further calls do nothing.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0) Exit();
    }

    /// <summary>Closes the resource and waits for its users.</summary>
    public ValueTask CloseAsync()
    {
        Close();
        return new ValueTask(Ended);
    }
}
