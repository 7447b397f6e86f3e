namespace SqueezeBert.Serving;

/// <summary>
/// Where the time of a caller's asynchronous texts goes, for a caller who tells it to clients of its own. Texts are computed together, so
/// the times of a batch are those of each of its texts. Thread-safe.
/// </summary>
internal sealed class QueueTimes
{
    private static readonly AsyncLocal<QueueTimes?> Ambient = new();

    private readonly object _lock = new();
    private TimeSpan _waiting;
    private TimeSpan _tokenization;
    private TimeSpan _computation;
    private int _texts;

    /// <summary>Who is told of the texts that this flow of control asks for; null: nobody.</summary>
    public static QueueTimes? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Texts that were computed.</summary>
    public int Texts
    {
        get
        {
            lock (_lock) return _texts;
        }
    }

    /// <summary>Adds a text that was computed.</summary>
    /// <param name="waiting">Until its batch began.</param>
    /// <param name="tokenization">What its batch took for its tokens.</param>
    /// <param name="computation">What its batch took for its layers.</param>
    public void Add(TimeSpan waiting, TimeSpan tokenization, TimeSpan computation)
    {
        lock (_lock)
        {
            _waiting += waiting;
            _tokenization += tokenization;
            _computation += computation;
            _texts++;
        }
    }

    /// <summary>The mean times of a text; zero where none was computed.</summary>
    public (TimeSpan Waiting, TimeSpan Tokenization, TimeSpan Computation) Mean()
    {
        lock (_lock)
        {
            var count = Math.Max(_texts, 1);
            return (_waiting / count, _tokenization / count, _computation / count);
        }
    }
}
