namespace SqueezeBert.Threading;

/// <summary>
/// Counts who uses something that must be freed by hand. Closing refuses new users at once; the memory goes when the last of those that are
/// there leaves. Thread-safe, allocates nothing.
/// </summary>
/// <param name="name">Of the type that users know, for the exception.</param>
/// <param name="free">Called once, by whoever leaves last.</param>
internal sealed class Lifetime(string name, Action free)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The owner counts as a user until it closes.
    private int _users = 1;
    private int _closed;

    /// <summary>Whether new users are refused.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Ends when everything is freed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Counts a user in, who must leave by <see cref="Exit"/>.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public void Enter()
    {
        if (!TryEnter()) throw new ObjectDisposedException(name);
    }

    /// <summary>As <see cref="Enter"/>; false where it is closed.</summary>
    public bool TryEnter()
    {
        while (true)
        {
            var users = Volatile.Read(ref _users);
            if (users == 0 || IsClosed) return false;
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users) return true;
        }
    }

    /// <summary>Counts a user out.</summary>
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

    /// <summary>Refuses new users. Later calls do nothing.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0) Exit();
    }

    /// <summary>Closes, and waits for those that are there.</summary>
    public ValueTask CloseAsync()
    {
        Close();
        return new ValueTask(Ended);
    }
}
