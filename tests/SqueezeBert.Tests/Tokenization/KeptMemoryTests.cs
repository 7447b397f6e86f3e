using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>Huge and cancelled texts leave nothing large behind. Runs alone, since the memory of the whole process is looked at.</summary>
[Collection(nameof(KeptMemoryTests))]
[CollectionDefinition(nameof(KeptMemoryTests), DisableParallelization = true)]
public class KeptMemoryTests
{
    private const int Tokens = 1_500_000;

    /// <summary>What tests before this one may still let go of or hold, compared with more than 20 million bytes of tokens.</summary>
    private const long Bound = 8_000_000;

    private static readonly BertTokenizer Tokenizer = TokenizerFixtures.Uncased;

    [Fact]
    public void TheThreadGivesItsMemoryBack()
    {
        var text = LongTexts.Of("\u4E2D", Tokens);
        Tokenizer.Encode("warm up", "pair");
        var before = Kept();
        Tokenizer.Encode(text);
        Tokenizer.Encode(text, text);
        Assert.InRange(Kept() - before, long.MinValue, Bound);

        // Cut to a window with the others beside it, the whole text is collected; the exception comes after that.
        var options = new EncodingOptions { MaxLength = 8, Truncation = Truncation.OnlyFirst, ReturnOverflowing = true };
        Assert.Throws<ArgumentException>(() => Tokenizer.Encode(text, text, options));
        Assert.InRange(Kept() - before, long.MinValue, Bound);
        GC.KeepAlive(text);
    }

    [Fact]
    public void ABufferGivesItsMemoryBackWhenItIsTrimmedOrCancelled()
    {
        var text = LongTexts.Of("\u4E2D", Tokens);
        var tokens = new TokenBuffer();
        Tokenizer.Encode("warm up", "pair");
        var before = Kept();
        Tokenizer.Tokenize(text, tokens, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Tokens, tokens.Count);
        Assert.InRange(Kept() - before, 2 * Bound, long.MaxValue);
        tokens.Trim();
        Assert.Equal(0, tokens.Count);
        Assert.InRange(Kept() - before, long.MinValue, Bound);

        Tokenizer.Tokenize(text, tokens, cancellationToken: TestContext.Current.CancellationToken);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => Tokenizer.Tokenize(text, tokens, int.MaxValue, source.Token));
        Assert.Equal(0, tokens.Count);
        Assert.InRange(Kept() - before, long.MinValue, Bound);
        GC.KeepAlive(text);
        GC.KeepAlive(tokens);
    }

    private static long Kept() => GC.GetTotalMemory(forceFullCollection: true);
}
