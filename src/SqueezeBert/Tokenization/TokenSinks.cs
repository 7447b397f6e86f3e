namespace SqueezeBert.Tokenization;

/// <summary>What receives the tokens of a text. Implementations are structs, so that the scanner is compiled for each and the ids-only ones do not pay for offsets.</summary>
internal interface ITokenSink
{
    /// <summary>Whether offsets and word numbers are read; otherwise they may be anything.</summary>
    static abstract bool WantsOffsets { get; }

    /// <summary>Takes one token; false stops the scan.</summary>
    bool Add(int id, int start, int end, int word);
}

/// <summary>Writes ids into a span; stops when it is full.</summary>
internal ref struct SpanSink(Span<int> ids) : ITokenSink
{
    private readonly Span<int> _ids = ids;

    public static bool WantsOffsets => false;

    /// <summary>The number of ids written.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether a token did not fit.</summary>
    internal bool Truncated { get; private set; }

    public bool Add(int id, int start, int end, int word)
    {
        int n = Count;
        if ((uint)n < (uint)_ids.Length)
        {
            _ids[n] = id;
            Count = n + 1;
            return true;
        }

        Truncated = true;
        return false;
    }
}

/// <summary>Counts tokens.</summary>
internal struct CountSink : ITokenSink
{
    public static bool WantsOffsets => false;

    /// <summary>The number of tokens.</summary>
    internal int Count { get; private set; }

    public bool Add(int id, int start, int end, int word)
    {
        Count++;
        return true;
    }
}

/// <summary>Collects ids, stops after a given number of them.</summary>
internal readonly struct IdSink(TokenBuffer buffer, int limit) : ITokenSink
{
    public static bool WantsOffsets => false;

    public bool Add(int id, int start, int end, int word)
    {
        buffer.Add(id);
        return buffer.Count < limit;
    }
}

/// <summary>Collects ids, offsets and word numbers, stops after a given number of tokens.</summary>
internal readonly struct OffsetSink(TokenBuffer buffer, int limit) : ITokenSink
{
    public static bool WantsOffsets => true;

    public bool Add(int id, int start, int end, int word)
    {
        buffer.Add(id, start, end, word);
        return buffer.Count < limit;
    }
}
