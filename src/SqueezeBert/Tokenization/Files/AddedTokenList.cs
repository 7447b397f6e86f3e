using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>
/// Added tokens with the ids that the reference gives them: those of the vocabulary, and for new tokens the ones behind it, in the order in
/// which they are added. The id that a file names decides that order and nothing else.
/// </summary>
internal sealed class AddedTokenList(Vocabulary vocabulary)
{
    private readonly List<AddedToken> _tokens = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private int _nextId = vocabulary.Count;

    /// <summary>The tokens so far.</summary>
    internal IReadOnlyList<AddedToken> Tokens => _tokens;

    internal bool Contains(string content) => _places.ContainsKey(content);

    /// <summary>Whether a token is there or would have the vocabulary's id.</summary>
    internal bool Knows(string content) => Contains(content) || vocabulary.TryGetId(content, out _);

    /// <summary>The id of a token that is there or in the vocabulary.</summary>
    internal bool TryGetId(string content, out int id)
    {
        if (!_places.TryGetValue(content, out var place))
            return vocabulary.TryGetId(content, out id);
        id = _tokens[place].Id;
        return true;
    }

    /// <summary>Adds a token, or replaces the properties of one that is there. An empty one is left out.</summary>
    /// <exception cref="InvalidModelFileException">Ids behind the vocabulary are not certain.</exception>
    internal void Add(AddedToken token, string file)
    {
        if (token.Content.Length == 0)
            return;
        if (_places.TryGetValue(token.Content, out var place))
        {
            _tokens[place] = token with { Id = _tokens[place].Id };
            return;
        }

        if (!vocabulary.TryGetId(token.Content, out var id))
        {
            // The reference counts tokens, so with gaps or doubled lines it may give an id that another token has.
            if (vocabulary.DistinctCount != vocabulary.Count)
            {
                throw new InvalidModelFileException(file, $"added token {token.Content}",
                    "The vocabulary has ids without a token or tokens with two ids, so that the id of a new token is not certain; " +
                        "put the token into the vocabulary.");
            }

            id = _nextId++;
        }

        _places.Add(token.Content, _tokens.Count);
        _tokens.Add(token with { Id = id });
    }

    /// <summary>Marks a token that is there as special.</summary>
    internal void MarkSpecial(string content)
    {
        if (_places.TryGetValue(content, out var place))
            _tokens[place] = _tokens[place] with { Special = true };
    }
}
