using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tokenization.Files;

/// <summary>The special and other added tokens of a tokenizer.</summary>
internal static class SpecialTokens
{
    /// <summary>How many ids may have no token: bounds the memory that a hostile id can ask for.</summary>
    internal const int MaxGap = 65_536;

    /// <summary>The five special tokens and the options' added ones, in the order of their ids; none twice.</summary>
    internal static List<AddedToken> Collect(Vocabulary vocabulary, BertTokenizerOptions options, string source)
    {
        var tokens = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        var owners = new Dictionary<int, string>();
        foreach (var token in options.AddedTokens)
        {
            if (token.Content.Length == 0)
                continue;
            if (token.Id < 0 || token.Id > vocabulary.Count + MaxGap)
                throw Error(token, $"Its id {token.Id} is out of range.");
            if (vocabulary.TryGetToken(token.Id, out var other) && other != token.Content)
                throw Error(token, $"Its id {token.Id} is that of {other}.");
            if (!owners.TryAdd(token.Id, token.Content) && owners[token.Id] != token.Content)
                throw Error(token, $"Its id {token.Id} is that of {owners[token.Id]}.");
            tokens[token.Content] = token;
        }

        if (!options.FindsListedTokensOnly)
        {
            foreach (var content in (ReadOnlySpan<string>)[options.PadToken, options.UnknownToken, options.ClsToken, options.SepToken,
                options.MaskToken])
            {
                if (tokens.TryGetValue(content, out var known))
                    tokens[content] = known with { Special = true };
                else if (content.Length > 0 && vocabulary.TryGetId(content, out var id))
                    tokens[content] = new AddedToken(id, content) { Special = true };
            }
        }

        return [.. tokens.Values.OrderBy(t => t.Id).ThenBy(t => t.Content, StringComparer.Ordinal)];

        InvalidModelFileException Error(AddedToken token, FormattableString reason) =>
            new(source, $"added token {token.Content}", FormattableString.Invariant(reason));
    }

    /// <summary>Complains about the tokenizer of a model that reads texts between [CLS] and [SEP], if it puts none around them.</summary>
    /// <exception cref="InvalidModelFileException">It puts none.</exception>
    internal static void RequireTemplate(BertTokenizer tokenizer, string path)
    {
        if (tokenizer.ClsTokenId >= 0) return;
        var (cls, sep) = (tokenizer.Options.ClsToken, tokenizer.Options.SepToken);
        throw new InvalidModelFileException(path, null,
            tokenizer.Vocabulary.TryGetId(cls, out _) && tokenizer.Vocabulary.TryGetId(sep, out _)
                ? $"its {TokenizerFileNames.Tokenizer} has no post_processor, so that no {cls} and {sep} stand around texts; only static " +
                    "embeddings are read so"
                : $"the tokenizer's vocabulary lacks {cls} or {sep}, which the model reads around texts");
    }

    /// <summary>The id of a token that a tokenizer cannot do without.</summary>
    internal static int Required(Vocabulary vocabulary, string token, string role, string source) =>
        vocabulary.TryGetId(token, out var id)
            ? id
            : throw new InvalidModelFileException(
                source, null, $"The vocabulary lacks the {role} token {token}; add it or name another one in the options.");
}
