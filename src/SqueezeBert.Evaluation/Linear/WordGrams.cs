using System.Text;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Evaluation.Linear;

/// <summary>
/// The words of a text and its pairs of neighbouring words, as hashes, each once. A word is a run of letters and digits in lower case; an
/// ideograph or a mark is one by itself.
/// </summary>
internal static class WordGrams
{
    private const ulong SecondText = 0x9E37_79B9_7F4A_7C15;
    private const ulong BothTexts = 0xD1B5_4A32_D192_ED03;

    /// <summary>
    /// Fills the set with the grams of a text or of a pair; of a pair, each text has its own, and words of both are more.
    /// </summary>
    public static void Of(string text, string? pair, HashSet<ulong> grams)
    {
        grams.Clear();
        var first = Words(text);
        Add(first, 0, grams);
        if (pair is null) return;
        var second = Words(pair);
        Add(second, SecondText, grams);
        foreach (var word in second.Intersect(first).ToList()) grams.Add(HashedNumbers.Mix(word ^ BothTexts));
    }

    private static void Add(List<ulong> words, ulong key, HashSet<ulong> grams)
    {
        for (var i = 0; i < words.Count; i++)
        {
            grams.Add(HashedNumbers.Mix(words[i] ^ key));
            if (i > 0) grams.Add(HashedNumbers.Mix(HashedNumbers.Mix(words[i - 1] ^ key) ^ words[i]));
        }
    }

    private static List<ulong> Words(string text)
    {
        var words = new List<ulong>();
        ulong word = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) && !IsIdeograph(rune))
            {
                word = HashedNumbers.Mix((word == 0 ? 1 : word) ^ (uint)Rune.ToLowerInvariant(rune).Value);
                continue;
            }

            End();
            if (Rune.IsWhiteSpace(rune)) continue;
            word = HashedNumbers.Mix(1 ^ (uint)rune.Value);
            End();
        }

        End();
        return words;

        void End()
        {
            if (word != 0) words.Add(word);
            word = 0;
        }
    }

    // Scripts without spaces between words: Chinese characters, kana, Thai and its neighbours.
    private static bool IsIdeograph(Rune rune) =>
        rune.Value is (>= 0x0E00 and < 0x0F00) or (>= 0x1780 and < 0x1800) or (>= 0x3040 and < 0xA000) or (>= 0xF900 and < 0xFB00)
            or (>= 0x20000 and < 0x33480);
}
