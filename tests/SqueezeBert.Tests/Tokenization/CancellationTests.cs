using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.AddedTokens;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Tokenization.Pieces;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>Cancellation is seen within a few thousand characters, whatever they are.</summary>
public class CancellationTests
{
    private const int Length = 6 * WordScanner.CheckInterval;

    private static readonly Normalizer.Settings Settings = new(true, true, true, true);

    public static TheoryData<string> AllUnits => [.. LongTexts.Units, .. LongTexts.Tokens];

    [Theory]
    [MemberData(nameof(AllUnits))]
    public void AScanStopsSoonAfterItsTokenIsCancelled(string unit)
    {
        // The first token cancels. The last one would be seen if nobody looked at the token on the way there.
        var text = "one " + LongTexts.Of(unit, Length) + " two";
        using var source = new CancellationTokenSource();
        var vocabulary = TokenizerFixtures.Uncased.Vocabulary;
        var model = new WordPieceModel(vocabulary, "##", TokenizerFixtures.Uncased.UnknownTokenId, 100, "vocabulary");
        Assert.True(vocabulary.TryGetId("two", out var last));
        var counts = new Counts();
        var scanner = new TextScanner(model, Settings, [new("[MASK]", new AddedToken(4, "[MASK]"))]);
        Assert.Throws<OperationCanceledException>(() =>
        {
            var sink = new CancellingSink(source, counts, last);
            scanner.Scan(text, ref sink, new Scratch(), source.Token);
        });
        Assert.InRange(counts.All, 1, WordScanner.CheckInterval);
        Assert.Equal(0, counts.Lasts);
    }

    [Theory]
    [MemberData(nameof(AllUnits))]
    public void NormalizationStopsSoonAfterItsTokenIsCancelled(string unit)
    {
        var text = "one " + LongTexts.Of(unit, Length) + " 2";
        using var source = new CancellationTokenSource();
        var counts = new Counts();
        Assert.Throws<OperationCanceledException>(() =>
        {
            var sink = new CancellingSink(source, counts, '2');
            var normalizer = new Normalizer();
            normalizer.Begin(Settings);
            normalizer.Add(text, 0, text.Length, ref sink, source.Token);
        });
        Assert.InRange(counts.All, 1, 3 * WordScanner.CheckInterval);
        Assert.Equal(0, counts.Lasts);
    }

    [Fact]
    public void SortingALongRunOfMarksStopsSoonAfterItsTokenIsCancelled()
    {
        // Nothing is appended before the run ends, and then all of it.
        var text = LongTexts.Of("\u302E\u0316", Length);
        using var source = new CancellationTokenSource();
        var counts = new Counts();
        var sink = new CancellingSink(source, counts, -1);
        var normalizer = new Normalizer();
        normalizer.Begin(Settings);
        normalizer.Add(text, 0, text.Length, ref sink, source.Token);
        Assert.Equal(0, counts.All);
        Assert.Throws<OperationCanceledException>(() =>
        {
            var cancelling = new CancellingSink(source, counts, -1);
            normalizer.Finish(text, text.Length, ref cancelling, source.Token);
        });
        Assert.InRange(counts.All, 1, WordScanner.CheckInterval);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LookingForAnAddedTokenStopsInTheWhiteSpaceThatItStrips(bool isBefore)
    {
        var spaces = new string(' ', Length);
        var text = isBefore ? spaces + "q" : "q" + spaces;
        var matcher = new AddedTokenMatcher([new AddedTokenMatcher.Pattern("q", new AddedToken(1, "q") { LStrip = true, RStrip = true })]);
        var position = 0;
        Assert.True(matcher.Next(text, ref position, text.Length, 0, out _, out _, out _, TestContext.Current.CancellationToken));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
        {
            var from = 0;
            matcher.Next(text, ref from, text.Length, 0, out _, out _, out _, source.Token);
        });
    }

    [Fact]
    public void EveryWayInLooksAtItsToken()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var tokenizer = TokenizerFixtures.Uncased;
        var token = source.Token;
        var tokens = new TokenBuffer();
        Assert.Throws<OperationCanceledException>(() => tokenizer.Count("a", token));
        Assert.Throws<OperationCanceledException>(() => tokenizer.Encode("a", cancellationToken: token));
        Assert.Throws<OperationCanceledException>(() => tokenizer.Encode("a", "b", cancellationToken: token));
        Assert.Throws<OperationCanceledException>(() => tokenizer.Encode("a", new int[9], out _, cancellationToken: token));
        Assert.Throws<OperationCanceledException>(() => tokenizer.Tokenize("a", tokens, cancellationToken: token));
        Assert.Throws<OperationCanceledException>(() => tokenizer.TokenizePair("a", "b", tokens, new TokenBuffer(), 9, token));
    }

    private sealed class Counts
    {
        internal int All { get; set; }

        internal int Lasts { get; set; }
    }

    /// <summary>Cancels at the first token or character.</summary>
    private readonly struct CancellingSink(CancellationTokenSource source, Counts counts, int last) : ITokenSink, INormalizedSink
    {
        public bool IsStopped => false;

        public bool Add(int id, int start, int end, int word)
        {
            source.Cancel();
            counts.All++;
            counts.Lasts += id == last ? 1 : 0;
            return true;
        }

        public int AddWords(ReadOnlySpan<int> ids, ReadOnlySpan<TokenOffset> offsets, int word)
        {
            var n = 0;
            while (n < ids.Length && ids[n] >= 0)
                Add(ids[n++], 0, 0, 0);
            return n;
        }

        public void Append(int codePoint, int start, int end) => Add(codePoint, start, end, 0);
    }
}
