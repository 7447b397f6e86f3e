using System.Text;
using CsCheck;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.AddedTokens;
using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tests.Tokenization.AddedTokens;

/// <summary>The search for added tokens against one that tries every token at every place.</summary>
public class AddedTokenMatcherTests
{
    /// <summary>Characters on both sides of every border that UTF-16 units have, and some that nest in each other.</summary>
    private static readonly string[] Alphabet =
    [
        "a", "b", "<", ">", " ", "_", "é", "\u7FFF", "\u8000", "\uAC00", "\uD55C", "\uD7FF", "\uE000", "\uF900", "\uFF01",
        "\uFFFD", "\uFFFF", "\U00010000", "\U00010001", "\U0001F917", "\U0001F918", "\U0010FFFF",
    ];

    [Fact]
    public void EveryFirstCharacterIsFoundBesideAllTheOthers()
    {
        var contents = new List<string> { "[MASK]" };
        for (var c = 1; c <= 0x10FFFF; c += c < 0x10000 ? 13 : 641)
        {
            if (Rune.IsValid(c) && c != '[') contents.Add(new Rune(c) + "x");
        }

        var patterns = contents.Select((content, id) => new AddedTokenMatcher.Pattern(content, new AddedToken(id, content))).ToList();
        var matcher = new AddedTokenMatcher(patterns);

        for (var id = 0; id < contents.Count; id++)
        {
            var (position, text) = (0, "y" + contents[id] + "y");
            Assert.True(matcher.Next(text, ref position, text.Length, 0, out var start, out var end, out var found), $"{id}");
            Assert.Equal((1, 1 + contents[id].Length, id), (start, end, found));
        }
    }

    [Fact]
    public void MatchesAreThoseOfANaiveSearch()
    {
        var character = Gen.Int[0, Alphabet.Length - 1].Select(place => Alphabet[place]);
        var content = character.Array[1, 3].Select(string.Concat);
        var token = Gen.Select(content, Gen.Bool, Gen.Bool, Gen.Bool);
        string[] halves = ["\uD83E", "\uDD17"];
        var piece = Gen.Frequency((12, character), (1, Gen.Int[0, 1].Select(place => halves[place])));
        Gen.Select(token.Array[1, 8], piece.Array[0, 40].Select(string.Concat)).Sample((tokens, text) =>
        {
            var patterns = tokens.DistinctBy(item => item.Item1).Select((item, id) => new AddedTokenMatcher.Pattern(item.Item1,
                new AddedToken(id, item.Item1) { SingleWord = item.Item2, LStrip = item.Item3, RStrip = item.Item4 })).ToList();
            Assert.Equal(Naive(patterns, text), Found(new AddedTokenMatcher(patterns), text));
        }, iter: 20_000);
    }

    private static List<(int Start, int End, int Id)> Found(AddedTokenMatcher matcher, string text)
    {
        var found = new List<(int, int, int)>();
        int position = 0, floor = 0;
        while (matcher.Next(text, ref position, text.Length, floor, out var start, out var end, out var id))
        {
            found.Add((start, end, id));
            floor = end;
        }

        return found;
    }

    private static List<(int Start, int End, int Id)> Naive(List<AddedTokenMatcher.Pattern> patterns, string text)
    {
        var found = new List<(int, int, int)>();
        var floor = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var best = patterns.Where(pattern => string.CompareOrdinal(text, i, pattern.Text, 0, pattern.Text.Length) == 0)
                .MaxBy(pattern => pattern.Text.Length);
            if (best is null) continue;
            var (start, end) = (i, i + best.Text.Length);
            i = end - 1;
            if (best.Token.SingleWord && (IsWord(text, start - 1) || IsWord(text, end))) continue;
            while (best.Token.LStrip && start > floor && UnicodeTables.IsWhiteSpace(text[start - 1])) start--;
            while (best.Token.RStrip && end < text.Length && UnicodeTables.IsWhiteSpace(text[end])) end++;
            found.Add((start, end, best.Token.Id));
            floor = end;
        }

        return found;
    }

    /// <summary>Whether the character that the unit belongs to is one of a word.</summary>
    private static bool IsWord(string text, int place)
    {
        if (place < 0 || place >= text.Length) return false;
        if (place > 0 && char.IsSurrogatePair(text[place - 1], text[place])) place--;
        return UnicodeTables.IsWordCharacter(UnicodeTables.Read(text, place, out _));
    }
}
