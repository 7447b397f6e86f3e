using System.Diagnostics.CodeAnalysis;

namespace SqueezeBert.Tokenization;

/// <summary>The tokens of a vocabulary and their ids. Immutable and thread-safe.</summary>
public sealed class Vocabulary
{
    private readonly string?[] _tokens;
    private readonly Dictionary<string, int> _ids;

    internal Vocabulary(string?[] tokens)
    {
        _tokens = tokens;
        _ids = new Dictionary<string, int>(tokens.Length - tokens.AsSpan().Count((string?)null), StringComparer.Ordinal);
        for (var i = 0; i < tokens.Length; i++)
        {
            // The last of several equal tokens wins, as in the reference.
            if (tokens[i] is { } token)
                _ids[token] = i;
        }
    }

    private Vocabulary(string?[] tokens, Dictionary<string, int> ids) => (_tokens, _ids) = (tokens, ids);

    /// <summary>The largest id plus one. It is the number of embedding rows that the ids need.</summary>
    public int Count => _tokens.Length;

    /// <summary>Each distinct token with its id, in no particular order.</summary>
    internal IEnumerable<KeyValuePair<string, int>> Entries => _ids;

    /// <summary>Distinct tokens; fewer than <see cref="Count"/> where an id has no token or a token has two ids.</summary>
    internal int DistinctCount => _ids.Count;

    /// <summary>The token with an id.</summary>
    /// <param name="id">The token id, from 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    public string this[int id] => TryGetToken(id, out var token)
        ? token
        : throw new ArgumentOutOfRangeException(nameof(id), id, "The vocabulary has no token of this id.");

    /// <summary>Looks up the id of a token.</summary>
    /// <param name="token">The token, including the continuation prefix if it has one.</param>
    /// <param name="id">Receives the id, or 0 if there is no such token.</param>
    /// <returns>Whether the vocabulary contains the token.</returns>
    public bool TryGetId(string token, out int id) => _ids.TryGetValue(token, out id);

    /// <summary>Looks up the token with an id.</summary>
    /// <param name="id">The token id. Any number is allowed.</param>
    /// <param name="token">Receives the token, or null if no token has this id.</param>
    /// <returns>Whether a token has this id.</returns>
    public bool TryGetToken(int id, [NotNullWhen(true)] out string? token)
    {
        token = (uint)id < (uint)_tokens.Length ? _tokens[id] : null;
        return token is not null;
    }

    /// <summary>
    /// This vocabulary with added tokens. A token is looked up by its content; its id gives the spelling that it has in a text.
    /// </summary>
    internal Vocabulary With(IReadOnlyCollection<(AddedToken Token, string Spelling)> added)
    {
        if (added.All(item => TryGetId(item.Token.Content, out var id) && id == item.Token.Id && _tokens[id] == item.Spelling))
            return this;
        var tokens = _tokens.AsSpan().ToArray();
        var ids = new Dictionary<string, int>(_ids, StringComparer.Ordinal);
        Array.Resize(ref tokens, Math.Max(tokens.Length, added.Max(item => item.Token.Id) + 1));
        foreach (var (token, spelling) in added)
        {
            tokens[token.Id] = spelling;
            ids[token.Content] = token.Id;
        }

        return new Vocabulary(tokens, ids);
    }

    /// <summary>The tokens in the order of their ids. An id without a token has null.</summary>
    public IReadOnlyList<string?> Tokens => _tokens.AsReadOnly();
}
