namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>
/// An artificial vocabulary for a model without one: the special tokens, printable ASCII, then all combinations of two letters, of three
/// and so on, each at the beginning of a word and inside one. Any English text can be encoded, but the tokens have no meaning.
/// </summary>
internal static class MadeUpVocabulary
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";

    public static IReadOnlyList<string> SpecialTokens { get; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>
    /// The tokens. There are more than any configuration allows. The more of them are used, the fewer tokens a text needs.
    /// </summary>
    public static IEnumerable<string> Pieces
    {
        get
        {
            foreach (var token in SpecialTokens) yield return token;
            var characters = Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code)
                .Where(c => !char.IsAsciiLetterUpper(c)).ToList();
            foreach (var c in characters) yield return c.ToString();
            foreach (var c in characters.Where(char.IsAsciiLetterOrDigit)) yield return $"##{c}";
            for (var length = 2; ; length++)
            {
                foreach (var piece in Combinations(length)) yield return piece;
                foreach (var piece in Combinations(length)) yield return "##" + piece;
            }
        }
    }

    private static IEnumerable<string> Combinations(int length)
    {
        var places = new int[length];
        while (true)
        {
            yield return string.Concat(places.Select(place => Letters[place]));
            var last = length - 1;
            while (last >= 0 && places[last] == Letters.Length - 1) places[last--] = 0;
            if (last < 0) yield break;
            places[last]++;
        }
    }
}
