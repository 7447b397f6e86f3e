using SqueezeBert.Tests.Tokenization.Unicode;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>
/// The reference's algorithm written out plainly, step after step over the whole text and on the reference's own tables: the twin that the
/// fast tokenizer is compared with. Knows special tokens only as plain raw matches.
/// </summary>
internal sealed class SlowTokenizer(BertTokenizer tokenizer)
{
    private static readonly UnicodeFixture Fixture = UnicodeFixture.Instance;

    internal readonly record struct Character(int CodePoint, int Start, int End);

    internal List<(int Id, int Start, int End, int Word)> Tokenize(string text)
    {
        var tokens = new List<(int, int, int, int)>();
        int word = 0, done = 0;
        string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        for (var i = 0; i < text.Length; i++)
        {
            if (Array.Find(special, s => string.CompareOrdinal(text, i, s, 0, s.Length) == 0) is not { } found)
                continue;
            Gap(text, done, i, tokens, ref word);
            Assert.True(tokenizer.Vocabulary.TryGetId(found, out var id));
            done = i + found.Length;
            tokens.Add((id, i, done, word++));
            i = done - 1;
        }

        Gap(text, done, text.Length, tokens, ref word);
        return tokens;
    }

    private void Gap(string text, int from, int to, List<(int, int, int, int)> tokens, ref int word)
    {
        var options = tokenizer.Options;
        var characters = Read(text, from, to);
        if (options.CleanText)
        {
            characters.RemoveAll(c => Fixture.Removed.Contains(c.CodePoint));
            characters = [.. characters.Select(c => Fixture.MappedToSpace.Contains(c.CodePoint) ? c with { CodePoint = ' ' } : c)];
        }

        if (options.HandleChineseChars)
            characters =
                [.. characters.SelectMany<Character, Character>(c => Fixture.Chinese.Contains(c.CodePoint)
                    ? [c with { CodePoint = ' ' }, c, c with { CodePoint = ' ' }] : [c])];
        if (options.StripAccents ?? options.LowerCase)
        {
            characters = Decompose(characters);
            characters.RemoveAll(c => Fixture.StrippedMarks.Contains(c.CodePoint));
        }

        if (options.LowerCase)
            characters = [.. characters.SelectMany(c => Fixture.Lower(c.CodePoint).Select(l => c with { CodePoint = l }))];

        var current = new List<Character>();
        foreach (var c in characters)
        {
            bool space = Fixture.WhiteSpace.Contains(c.CodePoint), punctuation = Fixture.Punctuation.Contains(c.CodePoint);
            if (space || punctuation)
                Flush(current, tokens, ref word);
            if (space)
                continue;
            current.Add(c);
            if (punctuation)
                Flush(current, tokens, ref word);
        }

        Flush(current, tokens, ref word);
    }

    private void Flush(List<Character> word, List<(int, int, int, int)> tokens, ref int number)
    {
        if (word.Count == 0)
            return;
        var pieces = new List<(int, int, int, int)>();
        var start = 0;
        while (start < word.Count && word.Count <= tokenizer.Options.MaxInputCharsPerWord)
        {
            var end = word.Count;
            var id = -1;
            for (; end > start; end--)
            {
                var piece = (start > 0 ? tokenizer.Options.ContinuingSubwordPrefix : "")
                    + string.Concat(word[start..end].Select(c => char.ConvertFromUtf32(c.CodePoint)));
                if (tokenizer.ModelVocabulary.TryGetId(piece, out id))
                    break;
                id = -1;
            }

            if (id < 0)
                break;
            pieces.Add((id, word[start].Start, word[end - 1].End, number));
            start = end;
        }

        tokens.AddRange(start == word.Count ? pieces : [(tokenizer.UnknownTokenId, word[0].Start, word[^1].End, number)]);
        number++;
        word.Clear();
    }

    internal static List<Character> Read(string text, int from, int to)
    {
        var characters = new List<Character>();
        for (var i = from; i < to; i++)
        {
            if (i + 1 < to && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                characters.Add(new(char.ConvertToUtf32(text[i], text[i + 1]), i, i + 2));
                i++;
            }
            else
            {
                characters.Add(new(char.IsSurrogate(text[i]) ? 0xFFFD : text[i], i, i + 1));
            }
        }

        return characters;
    }

    /// <summary>
    /// Canonical decomposition and order. A character that is inserted takes the place of the one before it in the undecomposed text.
    /// </summary>
    internal static List<Character> Decompose(List<Character> characters)
    {
        Span<int> pieces = stackalloc int[4];
        var list = new List<(int CodePoint, int Class, bool Inserted)>();
        foreach (var c in characters)
        {
            var count = UnicodeTables.Decompose(c.CodePoint, pieces);
            if (count == 0)
                pieces[count++] = c.CodePoint;
            for (var p = 0; p < count; p++)
                list.Add((pieces[p], UnicodeTables.CombiningClass(pieces[p]), p > 0));
        }

        for (var i = 1; i < list.Count; i++)
        {
            for (var k = i; k > 0 && list[k].Class != 0 && list[k - 1].Class > list[k].Class; k--)
                (list[k], list[k - 1]) = (list[k - 1], list[k]);
        }

        var result = new List<Character>();
        var at = -1;
        foreach ((var codePoint, _, var inserted) in list)
        {
            if (!inserted)
                at++;
            result.Add(characters[at] with { CodePoint = codePoint });
        }

        return result;
    }
}
