namespace SqueezeBert.Tokenization.Files;

/// <summary>
/// The vocabulary that a tokenizer is saved with. A reader gives added tokens the ids behind the vocabulary one after another, so where
/// theirs are others, the vocabulary is filled up to them.
/// </summary>
internal static class SavedVocabulary
{
    /// <summary>Stands for an id without a token.</summary>
    internal static string Filler(int id) => FormattableString.Invariant($"[unused_id_{id}]");

    /// <param name="model">The vocabulary without added tokens.</param>
    /// <param name="addedTokens">All of them.</param>
    internal static IReadOnlyList<string?> Of(Vocabulary model, IReadOnlyList<AddedToken> addedTokens)
    {
        var added = addedTokens.Where(token => !model.TryGetId(token.Content, out _)).OrderBy(token => token.Id).ToList();
        var isExact = model.DistinctCount == model.Count;
        if (added.Count == 0 || (isExact && added[^1].Id == model.Count + added.Count - 1)) return model.Tokens;

        // Whatever has an id below the last one is in the vocabulary itself.
        var tokens = new string?[Math.Max(model.Count, added[^1].Id)];
        for (var id = 0; id < model.Count; id++)
            tokens[id] = model.TryGetToken(id, out var token) && model.TryGetId(token, out var last) && last == id ? token : Filler(id);
        foreach (var token in added)
        {
            if (token.Id < tokens.Length) tokens[token.Id] = token.Content;
        }

        for (var id = 0; id < tokens.Length; id++) tokens[id] ??= Filler(id);
        return tokens;
    }
}
