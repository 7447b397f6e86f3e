namespace SqueezeBert.Tokenization.Encodings;

/// <summary>
/// What receives the tokens of a text. Implementations are structs, so that the scanner is compiled for each and the ids-only ones do not
/// pay for offsets.
/// </summary>
internal interface ITokenSink
{
    /// <summary>Takes one token; false stops the scan.</summary>
    bool Add(int id, int start, int end, int word);

    /// <summary>
    /// Takes tokens that are whole words, numbered from <paramref name="word"/> on, up to the first negative id, and returns how many it
    /// took; fewer stop the scan.
    /// </summary>
    int AddWords(ReadOnlySpan<int> ids, ReadOnlySpan<TokenOffset> offsets, int word);
}

/// <summary>Writes ids into a span; stops when it is full.</summary>
internal ref struct SpanSink(Span<int> ids) : ITokenSink
{
    private readonly Span<int> _ids = ids;

    /// <summary>The number of ids written.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether a token did not fit.</summary>
    internal bool Truncated { get; private set; }

    public bool Add(int id, int start, int end, int word)
    {
        var n = Count;
        if ((uint)n < (uint)_ids.Length)
        {
            _ids[n] = id;
            Count = n + 1;
            return true;
        }

        Truncated = true;
        return false;
    }

    public int AddWords(ReadOnlySpan<int> ids, ReadOnlySpan<TokenOffset> offsets, int word)
    {
        var room = _ids[Count..];
        var n = 0;
        while (n < ids.Length && n < room.Length && ids[n] >= 0)
        {
            room[n] = ids[n];
            n++;
        }

        Truncated = n < ids.Length && ids[n] >= 0;
        Count += n;
        return n;
    }
}

/// <summary>
/// Counts tokens; stops soon after a given number of them, so that a count below it is that of the whole text.
/// </summary>
internal struct CountSink(int limit) : ITokenSink
{
    /// <summary>The number of tokens.</summary>
    internal int Count { get; private set; }

    public bool Add(int id, int start, int end, int word)
    {
        Count++;
        return Count < limit;
    }

    public int AddWords(ReadOnlySpan<int> ids, ReadOnlySpan<TokenOffset> offsets, int word)
    {
        if (Count >= limit)
            return 0;
        var n = 0;
        while (n < ids.Length && ids[n] >= 0)
            n++;
        Count += n;
        return n;
    }
}

/// <summary>Collects ids, stops after a given number of them.</summary>
internal readonly struct IdSink(TokenBuffer buffer, int limit) : ITokenSink
{
    public bool Add(int id, int start, int end, int word)
    {
        if (buffer.Count < limit)
            buffer.Add(id);
        return buffer.Count < limit;
    }

    public int AddWords(ReadOnlySpan<int> ids, ReadOnlySpan<TokenOffset> offsets, int word) => buffer.AddWords(ids, limit);
}

/// <summary>Collects ids, offsets and word numbers, stops after a given number of tokens.</summary>
internal readonly struct OffsetSink(TokenBuffer buffer, int limit) : ITokenSink
{
    public bool Add(int id, int start, int end, int word)
    {
        if (buffer.Count < limit)
            buffer.Add(id, start, end, word);
        return buffer.Count < limit;
    }

    public int AddWords(ReadOnlySpan<int> ids, ReadOnlySpan<TokenOffset> offsets, int word) => buffer.AddWords(ids, offsets, word, limit);
}
