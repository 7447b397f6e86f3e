namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>
/// Pieces for a model without a vocabulary: the special tokens, printable ASCII, then all combinations of two letters, of three and so on,
/// each at the beginning of a word and inside. Any English text can be encoded; its pieces mean nothing.
/// </summary>
internal static class MadeUpVocabulary
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";

    public static IReadOnlyList<string> SpecialTokens { get; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Without end (beyond what a configuration allows); the more are taken, the fewer a text needs.</summary>
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
