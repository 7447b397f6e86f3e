using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Tokenization.Pieces;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization.Encodings;

/// <summary>Truncation, windows, the span overloads, batches, and requests that cannot be met.</summary>
public class EncodingTests
{
    private const string Ten = "one two three four five six seven eight nine ten";

    private static readonly BertTokenizer Tokenizer = TokenizerFixtures.Uncased;

    [Fact]
    public void WindowsOverlapByTheStrideFromTheLeft()
    {
        var encoding = Tokenizer.Encode(Ten, new EncodingOptions { MaxLength = 6, Stride = 1, ReturnOverflowing = true });
        Assert.True(encoding.IsTruncated);
        Assert.Equal(["[CLS] one two three four [SEP]", "[CLS] four five six seven [SEP]", "[CLS] seven eight nine ten [SEP]"],
            Windows(encoding));
    }

    [Fact]
    public void WindowsFromTheRightEndKeepTheEnd()
    {
        var options = new EncodingOptions
        {
            MaxLength = 6,
            Stride = 2,
            ReturnOverflowing = true,
            TruncationDirection = TruncationDirection.Left
        };
        var encoding = Tokenizer.Encode("one two three four five six seven", options);
        Assert.Equal(
            ["[CLS] four five six seven [SEP]", "[CLS] two three four five [SEP]", "[CLS] one two three [SEP]"],
            Windows(encoding));
    }

    [Theory]
    [InlineData(Truncation.LongestFirst, "[CLS] one two [SEP] one two three [SEP]", "one two three", Ten)]
    [InlineData(Truncation.LongestFirst, "[CLS] one two three [SEP] one two [SEP]", Ten, "one two three")]
    [InlineData(Truncation.LongestFirst, "[CLS] one [SEP] one two three four [SEP]", "one", Ten)]
    [InlineData(Truncation.OnlyFirst, "[CLS] one two [SEP] one two three [SEP]", Ten, "one two three")]
    [InlineData(Truncation.OnlySecond, "[CLS] one two three [SEP] one two [SEP]", "one two three", Ten)]
    public void PairsAreCutAsAsked(Truncation truncation, string expected, string first, string second)
    {
        var encoding = Tokenizer.Encode(first, second, new EncodingOptions { MaxLength = 8, Truncation = truncation });
        Assert.Equal(expected, string.Join(' ', encoding.Tokens));
        Assert.True(encoding.IsTruncated);
        Assert.Empty(encoding.Overflowing);
    }

    [Fact]
    public void OfTwoEquallyLongTextsTheSecondGetsTheOddToken()
    {
        var encoding = Tokenizer.Encode(Ten, Ten, new EncodingOptions { MaxLength = 8 });
        Assert.Equal("[CLS] one two [SEP] one two three [SEP]", string.Join(' ', encoding.Tokens));
    }

    [Fact]
    public void ATextIsCutToAMaxLengthThatOnlyTheSpecialTokensFill()
    {
        var encoding = Tokenizer.Encode(Ten, new EncodingOptions { MaxLength = 2, ReturnOverflowing = true });
        Assert.Equal("[CLS] [SEP]", string.Join(' ', encoding.Tokens));
        Assert.Equal(12, Assert.Single(encoding.Overflowing).Length);
    }

    [Fact]
    public void WithoutTruncationMaxLengthIsIgnored()
    {
        var encoding = Tokenizer.Encode(Ten, new EncodingOptions { MaxLength = 4, Truncation = Truncation.None });
        Assert.Equal(12, encoding.Length);
        Assert.False(encoding.IsTruncated);
    }

    [Theory]
    [InlineData(4, 2, Truncation.LongestFirst, "Stride")]
    [InlineData(4, 5, Truncation.LongestFirst, "Stride")]
    [InlineData(1, 0, Truncation.LongestFirst, "MaxLength")]
    [InlineData(8, 0, Truncation.Error, "MaxLength")]
    [InlineData(8, 0, Truncation.OnlySecond, "LongestFirst")]
    public void AnImpossibleRequestSaysWhatToChange(int maxLength, int stride, Truncation truncation, string remedy)
    {
        var options = new EncodingOptions { MaxLength = maxLength, Stride = stride, Truncation = truncation };
        var exception = Assert.Throws<ArgumentException>(() => Tokenizer.Encode(Ten, options));
        Assert.Contains(remedy, exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Tokenizer.EncodeBatch([Ten, Ten], options, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void APairThatCannotBeCutSaysWhatToChange()
    {
        var options = new EncodingOptions { MaxLength = 8, Truncation = Truncation.OnlyFirst };
        var exception = Assert.Throws<ArgumentException>(() => Tokenizer.Encode("one", Ten, options));
        Assert.Contains("LongestFirst", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Tokenizer.Encode("one two three four", Ten, options with { MaxLength = 16, Stride = 13 }));
    }

    [Fact]
    public void WordsAndSequencesAreNumbered()
    {
        var encoding = Tokenizer.Encode("Unaffable, no?", "[MASK] sequencing");
        Assert.Equal("[CLS] una ##ffa ##ble , no ? [SEP] [MASK] sequencing [SEP]", string.Join(' ', encoding.Tokens));
        Assert.Equal([-1, 0, 0, 0, 1, 2, 3, -1, 0, 1, -1], encoding.WordIds.ToArray());
        Assert.Equal([-1, 0, 0, 0, 0, 0, 0, -1, 1, 1, -1], encoding.SequenceIds.ToArray());
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1], encoding.TypeIds.ToArray());
        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1], encoding.SpecialTokensMask.ToArray());
    }

    [Fact]
    public void ASpanThatIsTooShortKeepsTheSeparator()
    {
        var ids = new int[6];
        Assert.Equal(6, Tokenizer.Encode(Ten, ids, out var truncated));
        Assert.True(truncated);
        Assert.Equal("[CLS] one two three four [SEP]", string.Join(' ', ids.Select(id => Tokenizer.Vocabulary[id])));
        Assert.Equal(6, Tokenizer.Encode(Ten, ids, out truncated, addSpecialTokens: false));
        Assert.True(truncated);
        Assert.Equal("six", Tokenizer.Vocabulary[ids[5]]);
        Assert.Throws<ArgumentException>(() => Tokenizer.Encode(Ten, new int[1], out _));
        Assert.Equal(0, Tokenizer.Encode(Ten, [], out truncated, addSpecialTokens: false));
        Assert.True(truncated);
    }

    [Fact]
    public void SinksStopAtTheirLimit()
    {
        // Whole words, pieces, unknown words and characters beyond ASCII, so that every way to a sink meets every limit.
        const string Text = "one two unaffable \u2603\u2603 caf\u00E9, sequencing. \u4E2D\u6587 x\u2603y three four";
        var model = new WordPieceModel(Tokenizer.Vocabulary, "##", Tokenizer.UnknownTokenId, 100, "vocabulary");
        var scanner = new TextScanner(model, new Normalizer.Settings(true, true, true, true), []);
        var all = Tokenizer.Encode(Text, new EncodingOptions { AddSpecialTokens = false }).Ids.ToArray();
        Assert.Equal(15, all.Length);
        for (var limit = 0; limit <= all.Length + 1; limit++)
        {
            var expected = all[..Math.Min(limit, all.Length)];
            var scratch = new Scratch();
            var ids = new IdSink(scratch.First, limit);
            scanner.Scan(Text, ref ids, scratch);
            Assert.Equal(expected, scratch.First.Ids.ToArray());
            var offsets = new OffsetSink(scratch.Second, limit);
            scanner.Scan(Text, ref offsets, scratch);
            Assert.Equal(expected, scratch.Second.Ids.ToArray());
            Assert.Equal(expected.Length, scratch.Second.Offsets.Length);
            var span = new int[limit];
            Assert.Equal(expected.Length, Tokenizer.Encode(Text, span, out var truncated, addSpecialTokens: false));
            Assert.Equal(expected, span[..expected.Length]);
            Assert.Equal(limit < all.Length, truncated);
        }
    }

    [Fact]
    public void SpansAndCountsAllocateNothing()
    {
        var text = string.Join(' ', TokenizerFixtures.Rows("uncased.jsonl").Select(r => r.GetProperty("text").GetString()));
        var ids = new int[text.Length + 2];
        long allocated = 0;
        var equal = true;
        for (var i = 0; i < 50; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var count = Tokenizer.Encode(text, ids, out _);
            equal &= Tokenizer.Count(text) == count - 2;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.True(equal);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void BatchesEqualSingleTextsOnAnyNumberOfThreads()
    {
        string[] texts = [.. TokenizerFixtures.Rows("uncased.jsonl").Select(r => r.GetProperty("text").GetString()!)];
        int[][] expected = [.. texts.Select(t => Tokenizer.Encode(t).Ids.ToArray())];
        Parallel.For(0, 4, _ =>
        {
            var batch = Tokenizer.EncodeBatch(texts, null, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Length, batch.Count);
            for (var i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], batch[i].Ids.ToArray());
        });
        var pairs = Tokenizer.EncodeBatch(
            [.. texts.Select(t => (t, "yes"))], null, TestContext.Current.CancellationToken);
        Assert.All(pairs, p => Assert.Equal("yes", p.Tokens[^2]));
    }

    [Fact]
    public void ABatchCanBeCancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Tokenizer.EncodeBatch([Ten], null, source.Token));
    }

    [Fact]
    public void ResultsShareNoMemory()
    {
        var first = Tokenizer.Encode(Ten);
        var copy = first.Ids.ToArray();
        Tokenizer.Encode("something else entirely, and longer than the first of the two texts");
        Assert.Equal(copy, first.Ids.ToArray());
        var second = Tokenizer.Encode(Ten);
        Assert.False(first.Ids == second.Ids);
    }

    [Fact]
    public void DecodingKeepsWhatItIsAskedToKeep()
    {
        var ids = Tokenizer.Encode("Don't stop, unaffable one!").Ids.ToArray();
        Assert.Equal("don ' t stop, unaffable one!", Tokenizer.Decode(ids));
        Assert.Equal("don ' t stop , unaffable one !", Tokenizer.Decode(ids, cleanUpTokenizationSpaces: false));
        Assert.Equal("[CLS] don ' t stop, unaffable one! [SEP]", Tokenizer.Decode(ids, skipSpecialTokens: false));
        Assert.Equal("", Tokenizer.Decode([-1, int.MaxValue]));
        Assert.Equal("", Tokenizer.Decode([]));
    }

    private static IEnumerable<string> Windows(TextEncoding encoding) =>
        encoding.Overflowing.Prepend(encoding).Select(e => string.Join(' ', e.Tokens));
}
