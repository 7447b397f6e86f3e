using SqueezeBert.Tests.Tokenization.Unicode;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization.Words;

/// <summary>Runs of combining marks around and beyond what is held of one, against sorting the whole run.</summary>
public class MarkRunTests
{
    // Marks that are stripped, marks that stay, of several classes and beyond U+FFFF; two that decompose into two marks, letters that
    // decompose into a letter and marks, dropped characters, and now and then what ends a run.
    private static readonly string[] Units =
    [
        "\u0316", "\u0301", "\u302E", "\u302F", "\u1B44", "\U0001D165", "\U0001D16D", "\u0345", "\u0344", "\u0F73", "\u0000", "\uD800",
    ];

    private static readonly string[] Ends = ["\u00C0", "\u1EA5", "a", " ", "\u4E2D", ".", "\uAC00", "\u0130"];

    [Fact]
    public void RunsOfAnyLengthAreSortedAsAWhole()
    {
        var random = new Random(5);
        var normalizer = new Normalizer();
        var output = new NormalizedText();
        for (var round = 0; round < 120; round++)
        {
            int[] lengths = [3, 1023, 1024, 1025, 1500, 3000];
            var text = string.Concat(Enumerable.Range(0, 3).Select(_ =>
                Run(random, lengths[random.Next(lengths.Length)], random.Next(1, Units.Length)) + Ends[random.Next(Ends.Length)]));
            var cleanText = round % 2 == 0;
            var expected = SlowTokenizer.Read(text, 0, text.Length);
            if (cleanText)
                expected.RemoveAll(c => UnicodeFixture.Instance.Removed.Contains(c.CodePoint));
            expected = SlowTokenizer.Decompose(expected);
            expected.RemoveAll(c => UnicodeFixture.Instance.StrippedMarks.Contains(c.CodePoint));

            output.Clear();
            normalizer.Normalize(text, 0, text.Length, new Normalizer.Settings(cleanText, false, true, false), output);
            Assert.Equal(string.Concat(expected.Select(c => char.ConvertFromUtf32(c.CodePoint))), output.Characters.ToString());
            var i = 0;
            foreach (var c in expected)
            {
                Assert.Equal((c.Start, c.End), (output.StartAt(i), output.EndAt(i)));
                i += c.CodePoint > 0xFFFF ? 2 : 1;
            }
        }
    }

    [Fact]
    public void ARunIsTheSameInParts()
    {
        var random = new Random(6);
        var text = Run(random, 2500, Units.Length) + "a" + Run(random, 500, Units.Length);
        var settings = new Normalizer.Settings(true, true, true, true);
        NormalizedText whole = new(), parts = new();
        var normalizer = new Normalizer();
        normalizer.Normalize(text, 0, text.Length, settings, whole);
        normalizer.Begin(settings);
        for (int from = 0, to; from < text.Length; from = to)
        {
            to = Math.Min(text.Length, from + random.Next(1, 400));
            if (to < text.Length && char.IsSurrogatePair(text[to - 1], text[to]))
                to++;
            normalizer.Add(text, from, to, ref parts, CancellationToken.None);
        }

        normalizer.Finish(text, text.Length, ref parts, CancellationToken.None);
        Assert.Equal(whole.Characters.ToString(), parts.Characters.ToString());
        for (var i = 0; i < whole.Length; i++)
            Assert.Equal((whole.StartAt(i), whole.EndAt(i)), (parts.StartAt(i), parts.EndAt(i)));
    }

    private static string Run(Random random, int length, int kinds) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => Units[random.Next(kinds)]));
}
