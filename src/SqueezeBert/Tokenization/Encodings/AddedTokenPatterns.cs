using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization.AddedTokens;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization.Encodings;

/// <summary>What is looked for in a text for each added token: its content, normalized where the token is matched after that.</summary>
internal static class AddedTokenPatterns
{
    /// <exception cref="InvalidModelFileException">Nothing of a token is left, or two are the same, after normalization.</exception>
    internal static List<AddedTokenMatcher.Pattern> Of(IEnumerable<AddedToken> tokens, in Normalizer.Settings settings, string source)
    {
        var patterns = new List<AddedTokenMatcher.Pattern>();
        var normalized = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (var token in tokens)
        {
            var text = token.Normalized ? Normalize(token.Content, settings) : token.Content;
            if (text.Length == 0)
                throw Error(token, "Normalization leaves nothing of it; set its \"normalized\" to false.");
            if (token.Normalized && !normalized.TryAdd(text, token))
                throw Error(token, $"In normalized text it is the same as {normalized[text].Content}; remove one of them.");
            patterns.Add(new AddedTokenMatcher.Pattern(text, token));
        }

        return patterns;

        InvalidModelFileException Error(AddedToken token, string reason) => new(source, $"added token {token.Content}", reason);
    }

    private static string Normalize(string text, in Normalizer.Settings settings)
    {
        var output = new NormalizedText();
        new Normalizer().Normalize(text, 0, text.Length, settings, output);
        return output.Characters.ToString();
    }
}
