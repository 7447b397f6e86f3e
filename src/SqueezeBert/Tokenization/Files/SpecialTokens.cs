using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>The special and other added tokens of a tokenizer.</summary>
internal static class SpecialTokens
{
    /// <summary>The five special tokens and the options' added ones, in the order of their ids; none twice.</summary>
    internal static List<AddedToken> Collect(Vocabulary vocabulary, BertTokenizerOptions options, string source)
    {
        var tokens = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (var token in options.AddedTokens)
        {
            if (token.Id < 0 || token.Id > vocabulary.Count + TokenizerFiles.MaxGap)
                throw new InvalidModelFileException(source, $"added token {token.Content}", $"Its id {token.Id} is out of range.");
            tokens[token.Content] = token;
        }

        foreach (var content in (ReadOnlySpan<string>)[options.PadToken, options.UnknownToken, options.ClsToken, options.SepToken,
            options.MaskToken])
        {
            if (tokens.TryGetValue(content, out var known))
                tokens[content] = known with { Special = true };
            else if (vocabulary.TryGetId(content, out var id))
                tokens[content] = new AddedToken(id, content) { Special = true };
        }

        return [.. tokens.Values.OrderBy(t => t.Id).ThenBy(t => t.Content, StringComparer.Ordinal)];
    }

    /// <summary>The vocabulary with the added tokens that it does not have.</summary>
    internal static Vocabulary Extend(Vocabulary vocabulary, List<AddedToken> added)
    {
        if (added.TrueForAll(t => vocabulary.TryGetId(t.Content, out var id) && id == t.Id))
            return vocabulary;
        string?[] tokens = [.. vocabulary.Tokens];
        Array.Resize(ref tokens, Math.Max(tokens.Length, added.Max(t => t.Id) + 1));
        foreach (var token in added)
            tokens[token.Id] = token.Content;
        return new Vocabulary(tokens);
    }

    /// <summary>The id of a token that a tokenizer cannot do without.</summary>
    internal static int Required(Vocabulary vocabulary, string token, string role, string source) =>
        vocabulary.TryGetId(token, out var id)
            ? id
            : throw new InvalidModelFileException(
                source, null, $"The vocabulary lacks the {role} token {token}; add it or name another one in the options.");
}
