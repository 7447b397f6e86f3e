namespace SqueezeBert.Tokenization.Encodings;

/// <summary>The tokens of one text while they are collected. Reused, never handed out.</summary>
internal sealed class TokenBuffer
{
    private const int MinCapacity = 256;
    private const int MaxKeptBytes = 1 << 20;
    private const int BytesPerOffset = sizeof(int) + sizeof(int) + sizeof(int);

    private int[] _ids = new int[MinCapacity];
    private TokenOffset[] _offsets = new TokenOffset[MinCapacity];
    private int[] _words = new int[MinCapacity];

    /// <summary>The number of tokens.</summary>
    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Where each token is in the text; only where tokens were added with offsets.</summary>
    internal ReadOnlySpan<TokenOffset> Offsets => _offsets.AsSpan(0, Count);

    /// <summary>The word each token belongs to; only where tokens were added with offsets.</summary>
    internal ReadOnlySpan<int> Words => _words.AsSpan(0, Count);

    /// <summary>How much of the text was read for the tokens, in UTF-16 units: up to the end of the last one. Only with offsets.</summary>
    internal int TextEnd => Count == 0 ? 0 : Offsets[^1].End;

    internal void Clear() => Count = 0;

    /// <summary>Lets go of the tokens, and of the memory where that is more than a megabyte.</summary>
    internal void Trim()
    {
        Clear();
        if (((long)_ids.Length * sizeof(int)) + ((long)_offsets.Length * BytesPerOffset) <= MaxKeptBytes)
            return;
        _ids = new int[MinCapacity];
        _offsets = new TokenOffset[MinCapacity];
        _words = new int[MinCapacity];
    }

    /// <summary>Takes out every token of an id; the others move up.</summary>
    internal void Remove(int id)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_ids[i] == id) continue;
            (_ids[kept], _offsets[kept], _words[kept]) = (_ids[i], _offsets[i], _words[i]);
            kept++;
        }

        Count = kept;
    }

    internal void Add(int id)
    {
        if (Count == _ids.Length)
            GrowIds(1);
        _ids[Count++] = id;
    }

    /// <summary>Adds ids up to the first negative one, while there are fewer than <paramref name="limit"/>; returns how many.</summary>
    internal int AddWords(ReadOnlySpan<int> ids, int limit)
    {
        ids = ids[..Math.Min(ids.Length, limit - Count)];
        if (ids.Length > _ids.Length - Count)
            GrowIds(ids.Length);
        var room = _ids.AsSpan(Count, ids.Length);
        var n = 0;
        while (n < ids.Length && n < room.Length && ids[n] >= 0)
        {
            room[n] = ids[n];
            n++;
        }

        Count += n;
        return n;
    }

    internal void Add(int id, int start, int end, int word)
    {
        var n = Count;
        if (n >= _offsets.Length)
            GrowOffsets(1);
        _offsets[n] = new TokenOffset(start, end);
        _words[n] = word;
        Add(id);
    }

    /// <summary>Adds ids up to the first negative one, while there are fewer than <paramref name="limit"/>; returns how many.</summary>
    internal int AddWords(ReadOnlySpan<int> ids, ReadOnlySpan<TokenOffset> offsets, int word, int limit)
    {
        var from = Count;
        var n = AddWords(ids, limit);
        if (n > _offsets.Length - from)
            GrowOffsets(n);
        var places = _offsets.AsSpan(from, n);
        var words = _words.AsSpan(from, n);
        for (var i = 0; i < places.Length && i < words.Length && i < offsets.Length; i++)
        {
            places[i] = offsets[i];
            words[i] = word + i;
        }

        return n;
    }

    private void GrowIds(int more) => Array.Resize(ref _ids, checked(2 * (Count + more)));

    private void GrowOffsets(int more)
    {
        var size = checked(2 * (Count + more));
        Array.Resize(ref _offsets, size);
        Array.Resize(ref _words, size);
    }
}
