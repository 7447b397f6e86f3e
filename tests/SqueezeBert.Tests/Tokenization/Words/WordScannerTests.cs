using System.Runtime.InteropServices;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization.Words;

/// <summary>The scanner's short cuts against normalizing the whole text and cutting the result, under all sixteen settings.</summary>
public class WordScannerTests
{
    private readonly Scratch _scratch = new();
    private readonly NormalizedText _normalized = new();
    private readonly Normalizer _normalizer = new();
    private readonly WordList _fast = new([]), _plain = new([]);

    private static IEnumerable<Normalizer.Settings> AllSettings =>
        Enumerable.Range(0, 16).Select(i => new Normalizer.Settings((i & 1) != 0, (i & 2) != 0, (i & 4) != 0, (i & 8) != 0));

    [Fact]
    public void EveryCharacterAmongOthersIsCutAsInTheNormalizedText()
    {
        foreach (var settings in AllSettings)
        {
            for (var c = 0; c < 0x10000; c++)
            {
                // Alone in a word, and among marks that change places (U+302E stays, U+0316 is stripped).
                ReadOnlySpan<char> text = ['a', (char)c, 'B', ' ', (char)c, '\u302E', '\u0316', (char)c, 'c'];
                Compare(settings, text);
            }
        }
    }

    [Fact]
    public void AsciiTextsOfEveryLengthAreCutAsInTheNormalizedText()
    {
        var random = new Random(3);
        foreach (var settings in AllSettings)
        {
            for (var length = 0; length < 300; length++)
            {
                // Words around the limits of a vector and of a block, and now and then any other character.
                var word = random.Next(6) switch { 0 => 1, 1 => 17, 2 => 65, 3 => 140, _ => 6 };
                var text = new char[length];
                for (var i = 0; i < length; i++)
                {
                    text[i] = random.Next(word + 1) == 0 ? " \t\n.-[\u00A0\u4E2D"[random.Next(8)]
                        : random.Next(60) == 0 ? (char)random.Next(random.Next(2) == 0 ? 128 : 0x3000)
                        : (char)('0' + random.Next(75));
                }

                Compare(settings, text);
            }
        }
    }

    private void Compare(Normalizer.Settings settings, ReadOnlySpan<char> text)
    {
        WordList fast = _fast, plain = _plain;
        fast.Words.Clear();
        plain.Words.Clear();
        Assert.True(new WordScanner(settings).Scan(text, 0, ref fast, _scratch));

        _normalized.Clear();
        _normalizer.Normalize(text, 0, text.Length, settings, _normalized);
        PlainCut.Words(_normalized, 0, _normalized.Length, ref plain);
        if (!CollectionsMarshal.AsSpan(fast.Words).SequenceEqual(CollectionsMarshal.AsSpan(plain.Words)))
            Assert.Fail(
                $"{settings}, {string.Join(' ', text.ToArray().Select(c => $"{(int)c:X4}"))}: {string.Join(' ', fast.Words)} instead of " +
                    $"{string.Join(' ', plain.Words)}");
    }
}
