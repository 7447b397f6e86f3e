using CsCheck;
using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs.Ngrams;

namespace SqueezeBert.Tests.Graphs;

/// <summary>From token ids to words and the table rows of their n-grams.</summary>
public sealed class WordNgramsTests
{
    private static readonly string[] Vocabulary =
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "play", "##ing", "##s", "cat", "a", "über", "##", "日", "##本", "𝄞", "##<", ".",
        "internationali",
    ];

    private static readonly WordPieces Pieces = new(Vocabulary, "##", id => id < 4);

    [Fact]
    public void KnownWordsHaveKnownRows()
    {
        // Computed by a program of its own in another language.
        Assert.Equal(
            [510, 970, 431, 47, 908, 132, 790, 883, 486, 877], Rows([7, 6], new() { Buckets = 1000, MinLength = 2, MaxLength = 3 }));
        Assert.Equal([4171, 1752, 1452, 7896, 3281], Rows([9], new() { MinLength = 3, MaxLength = 3 }));
        Assert.Equal([3, 5, 7, 5], Rows([8], new() { Buckets = 10 }));
        Assert.Equal(
            ["<c", "<ca", "ca", "cat", "at", "ats", "ts", "ts>", "s>", "<cats>"],
            SlowNgrams.Ngrams("cats", new() { MinLength = 2, MaxLength = 3 }));
    }

    [Fact]
    public void EveryTextHasTheRowsOfTheSlowTwin() => Texts.Sample((ids, gaps, lengths, buckets) =>
    {
        var ngrams = new HashedNgrams { Buckets = buckets, MinLength = lengths.Min, MaxLength = lengths.Min + lengths.More };
        var positions = Positions(ids, gaps);
        var expected = SlowNgrams.Of(Vocabulary, ids, positions, ngrams);
        var actual = Of(ids, positions, ngrams);
        for (var i = 0; i < ids.Length; i++) Assert.Equal(expected[i], actual[i]);
    }, iter: 2000);

    /// <summary>What stands before and after a word does not change it, and its pieces share its rows.</summary>
    [Fact]
    public void AWordIsTheSameAnywhere() => Texts.Sample((ids, gaps, _, buckets) =>
    {
        var ngrams = new HashedNgrams { Buckets = buckets };
        var alone = Rows([4, 5, 6], ngrams);
        int[] text = [.. ids, 4, 5, 6, 3, 4, 5, 6];
        var rows = Of(text, [.. Enumerable.Range(0, text.Length)], ngrams);
        foreach (var row in rows[^3..].Concat(rows[^7..^4])) Assert.Equal(alone, row);
        Assert.Empty(rows[^4]);
        Assert.All(rows, row => Assert.All(row, bucket => Assert.InRange(bucket, 0, buckets - 1)));
    }, iter: 500);

    [Fact]
    public void APieceInsideAWordBeginsOneWhereNothingIsBeforeIt()
    {
        var ngrams = new HashedNgrams();
        var ing = Of([5], [0], ngrams)[0];
        Assert.Equal(ing, Of([2, 5, 3], [0, 1, 2], ngrams)[1]);
        Assert.Equal(ing, Of([4, 5], [0, 2], ngrams)[1]);
        Assert.NotEqual(ing, Of([4, 5], [0, 1], ngrams)[1]);
    }

    /// <summary>A model may have rows for more ids than the vocabulary has tokens, and callers may give any number.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(17)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void AnIdWithoutATokenIsNoWord(int id)
    {
        Assert.Equal(PieceKind.None, Pieces.KindOf(id));
        Assert.True(Pieces.Characters(id).IsEmpty);
        var rows = Of([4, id, 5], [0, 1, 2], new());
        Assert.Empty(rows[1]);
        Assert.Equal(Rows([5], new()), rows[2]);
    }

    [Fact]
    public void WithoutAPrefixEveryTokenIsAWord()
    {
        var words = new WordNgrams(new WordPieces(["a", null, "##b"], "", _ => false), new());
        Assert.Equal(1, words.CountTokens([0, 2], [0, 1]));
        Assert.True(words.IsWord([2]));
        Assert.False(words.IsWord([1]));
    }

    [Fact]
    public void NothingIsAllocated()
    {
        var words = new WordNgrams(Pieces, new());
        int[] ids = [16, 5, 6, 9, 12];
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                foreach (var bucket in words.Of(ids)) Assert.True(bucket >= 0);
            }
        }));
    }

    private static Gen<(int[] Ids, bool[] Gaps, (int Min, int More) Lengths, int Buckets)> Texts => Gen.Select(
        Gen.Int[-1, Vocabulary.Length].Array[1, 12], Gen.Bool.Array[12], Gen.Select(Gen.Int[2, 6], Gen.Int[0, 10]),
        Gen.OneOf(Gen.Int[1, 9], Gen.Const(1 << 20)));

    private static int[] Positions(int[] ids, bool[] gaps)
    {
        var positions = new int[ids.Length];
        for (var i = 1; i < ids.Length; i++) positions[i] = positions[i - 1] + (gaps[i] ? 2 : 1);
        return positions;
    }

    private static int[] Rows(int[] word, HashedNgrams ngrams) => Of(word, [.. Enumerable.Range(0, word.Length)], ngrams)[0];

    private static int[][] Of(int[] ids, int[] positions, HashedNgrams ngrams)
    {
        var words = new WordNgrams(Pieces, ngrams);
        var rows = new int[ids.Length][];
        for (var first = 0; first < ids.Length;)
        {
            var word = ids.AsSpan(first, words.CountTokens(ids.AsSpan(first), positions.AsSpan(first)));
            var buckets = new List<int>();
            if (words.IsWord(word))
            {
                foreach (var bucket in words.Of(word)) buckets.Add(bucket);
                Assert.Equal(words.Of(word).Count(), buckets.Count);
            }

            for (var end = first + word.Length; first < end; first++) rows[first] = [.. buckets];
        }

        return rows;
    }
}
