namespace SqueezeBert.Configuration;

/// <summary>What a token is in a word.</summary>
internal enum PieceKind : byte
{
    /// <summary>No part of a word: a special token, or an id without a token.</summary>
    None,

    /// <summary>The beginning of a word.</summary>
    Beginning,

    /// <summary>A part of a word that another piece began ("##ing").</summary>
    Continuation,
}

/// <summary>
/// The characters of a vocabulary's tokens by id, so that a word can be spelled from the ids of its pieces. Immutable and thread-safe.
/// </summary>
internal sealed class WordPieces
{
    private readonly PieceKind[] _kinds;
    private readonly int[] _starts;
    private readonly int[] _characters;

    /// <param name="tokens">The tokens in the order of their ids; null for an id without one.</param>
    /// <param name="prefix">What a piece inside a word begins with ("##"). Empty if every token is a word.</param>
    /// <param name="isSpecial">Selects the ids of special tokens, which are no words.</param>
    public WordPieces(IReadOnlyList<string?> tokens, string prefix, Func<int, bool> isSpecial)
    {
        _kinds = new PieceKind[tokens.Count];
        _starts = new int[tokens.Count + 1];
        var characters = new List<int>();
        for (var id = 0; id < tokens.Count; id++)
        {
            if (tokens[id] is { } token && !isSpecial(id))
            {
                var isInside = prefix.Length > 0 && token.StartsWith(prefix, StringComparison.Ordinal);
                _kinds[id] = isInside ? PieceKind.Continuation : PieceKind.Beginning;
                foreach (var rune in token.AsSpan(isInside ? prefix.Length : 0).EnumerateRunes()) characters.Add(rune.Value);
            }

            _starts[id + 1] = characters.Count;
        }

        _characters = [.. characters];
    }

    /// <summary>Returns what a token is in a word. Any number is allowed.</summary>
    public PieceKind KindOf(int id) => (uint)id < (uint)_kinds.Length ? _kinds[id] : PieceKind.None;

    /// <summary>Returns the code points of a piece without the prefix. Any number is allowed.</summary>
    public ReadOnlySpan<int> Characters(int id) =>
        (uint)id < (uint)_kinds.Length ? _characters.AsSpan(_starts[id].._starts[id + 1]) : [];
}
