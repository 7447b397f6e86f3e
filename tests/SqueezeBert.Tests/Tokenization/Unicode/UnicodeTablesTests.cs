using SqueezeBert.Tests.Tokenization.Words;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization.Unicode;

/// <summary>Each step of the normalizer, and the cutting of words, on every Unicode scalar value.</summary>
public class UnicodeTablesTests
{
    private static readonly UnicodeFixture Fixture = UnicodeFixture.Instance;

    [Fact]
    public void CleanTextIsTheReferencesOnEveryScalar() =>
        Compare(new(true, false, false, false), c => Fixture.Removed.Contains(c) ? [] : Fixture.MappedToSpace.Contains(c) ? [' '] : [c]);

    [Fact]
    public void ChineseSpacingIsTheReferencesOnEveryScalar() =>
        Compare(new(false, true, false, false), c => Fixture.Chinese.Contains(c) ? [' ', c, ' '] : [c]);

    [Fact]
    public void StrippingAccentsIsTheReferencesOnEveryScalar() =>
        Compare(new(false, false, true, false), Fixture.Strip);

    [Fact]
    public void LowerCaseIsTheReferencesOnEveryScalar() =>
        Compare(new(false, false, false, true), Fixture.Lower);

    [Fact]
    public void WordsAreCutAsByTheReferenceAtEveryScalar()
    {
        var scanner = new WordScanner(new Normalizer.Settings(false, false, false, false));
        var scratch = new Scratch();
        var count = 0;
        foreach (var c in UnicodeFixture.Scalars)
        {
            count++;
            var middle = char.ConvertFromUtf32(c);
            string[] expected = Fixture.WhiteSpace.Contains(c) ? ["a", "b"]
                : Fixture.Punctuation.Contains(c) ? ["a", middle, "b"] : ["a" + middle + "b"];
            var handler = new WordList([]);
            scanner.Scan("a" + middle + "b", 0, ref handler, scratch);
            if (!handler.Words.Select(w => w.Word).SequenceEqual(expected))
                Assert.Fail($"U+{c:X4}: {string.Join('|', handler.Words)}");
        }

        Assert.Equal(1_112_064, count);
    }

    private static void Compare(Normalizer.Settings settings, Func<int, int[]> expected)
    {
        var normalizer = new Normalizer();
        var output = new NormalizedText();
        var count = 0;
        foreach (var c in UnicodeFixture.Scalars)
        {
            count++;
            var text = char.ConvertFromUtf32(c);
            output.Clear();
            normalizer.Normalize(text, 0, text.Length, settings, output);
            var wanted = string.Concat(expected(c).Select(char.ConvertFromUtf32));
            if (!output.Characters.SequenceEqual(wanted))
                Assert.Fail($"U+{c:X4}: {output.Characters} instead of {wanted}");
        }

        Assert.Equal(1_112_064, count);
    }
}
