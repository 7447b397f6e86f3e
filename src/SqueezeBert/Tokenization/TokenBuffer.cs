namespace SqueezeBert.Tokenization;

/// <summary>The tokens of one text while they are collected. Reused, never handed out.</summary>
internal sealed class TokenBuffer
{
    private int[] _ids = new int[256];
    private TokenOffset[] _offsets = [];
    private int[] _words = [];

    /// <summary>The number of tokens.</summary>
    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Where each token is in the text; only where tokens were added with offsets.</summary>
    internal ReadOnlySpan<TokenOffset> Offsets => _offsets.AsSpan(0, Count);

    /// <summary>The word each token belongs to; only where tokens were added with offsets.</summary>
    internal ReadOnlySpan<int> Words => _words.AsSpan(0, Count);

    internal int Capacity => _ids.Length;

    internal void Clear() => Count = 0;

    internal void Add(int id)
    {
        if (Count == _ids.Length)
            Array.Resize(ref _ids, checked(2 * Count));
        _ids[Count++] = id;
    }

    internal void Add(int id, int start, int end, int word)
    {
        int n = Count;
        if (n >= _offsets.Length)
        {
            int size = Math.Max(256, checked(2 * n));
            Array.Resize(ref _offsets, size);
            Array.Resize(ref _words, size);
        }

        _offsets[n] = new TokenOffset(start, end);
        _words[n] = word;
        Add(id);
    }
}
