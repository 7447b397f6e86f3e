using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Pipelines;

/// <summary>Asynchronous calls: the bits of the others, an order, limits, and an error or a cancellation that is nobody else's.</summary>
public class QueueTests
{
    private static readonly string[] Texts = [.. Enumerable.Range(0, 40)
        .Select(i => string.Join(' ', Enumerable.Repeat(i % 2 == 0 ? "good film" : "very bad", i % 11)))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CallsOfSeveralPipelinesGiveTheBitsThatTheyGiveAlone()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path, new ModelOptions { BatchTokens = 60 });
        using var classifier = new TextClassifier(model);
        using var embedder = new TextEmbedder(model);
        var labels = Texts.Select(text => classifier.Classify(text).Labels).ToList();
        var vectors = Texts.Select(text => embedder.Embed(text).Vector.ToArray()).ToList();
        var classified = Texts.Select(text => classifier.ClassifyAsync(text, cancellationToken: Token)).ToList();
        var embedded = Texts.Select(text => embedder.EmbedAsync(text, cancellationToken: Token)).ToList();
        var together = classifier.ClassifyAsync(Texts, cancellationToken: Token);
        for (var i = 0; i < Texts.Length; i++)
        {
            Assert.Equal(labels[i], (await classified[i]).Labels);
            Assert.Equal(vectors[i], (await embedded[i]).Vector.ToArray());
            Assert.Equal(labels[i], (await together)[i].Labels);
        }

        Assert.Equal(0, model.QueueLength);
    }

    [Fact]
    public async Task AnErrorIsItsOwnCallsAlone()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path, new ModelOptions { MaxConcurrency = 1 });
        using var classifier = new TextClassifier(model);
        var refusing = new ReadingOptions { LongText = LongText.Error };
        var tooLong = string.Join(' ', Enumerable.Repeat("very", 90));
        using var turn = new Turn(model);
        var tasks = Enumerable.Range(0, 9)
            .Select(i => classifier.ClassifyAsync(i % 3 == 1 ? tooLong : Texts[i], refusing, Token)).ToList();
        turn.Dispose();
        for (var i = 0; i < tasks.Count; i++)
        {
            if (i % 3 == 1) Assert.Contains("more tokens", (await Assert.ThrowsAsync<ArgumentException>(() => tasks[i])).Message,
                StringComparison.Ordinal);
            else Assert.Equal(classifier.Classify(Texts[i]).Labels, (await tasks[i]).Labels);
        }
    }

    [Fact]
    public async Task ACancelledCallLeavesTheQueueAtOnceAndTheOthersGoOn()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path, new ModelOptions { MaxConcurrency = 1 });
        using var classifier = new TextClassifier(model);
        using var cancelled = new CancellationTokenSource();
        using var turn = new Turn(model);
        var first = classifier.ClassifyAsync(Texts[3], cancellationToken: Token);
        var second = classifier.ClassifyAsync(Texts[4], cancellationToken: cancelled.Token);
        var third = classifier.ClassifyAsync(Texts[5], cancellationToken: Token);
        Assert.Equal(3, model.QueueLength);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(2, model.QueueLength);
        turn.Dispose();
        Assert.Equal(classifier.Classify(Texts[3]).Labels, (await first).Labels);
        Assert.Equal(classifier.Classify(Texts[5]).Labels, (await third).Labels);
    }

    [Fact]
    public async Task AFullQueueRejectsWhereTheOptionsSaySo()
    {
        using var folder = new ClassifierFolder();
        var options = new ModelOptions { MaxConcurrency = 1, QueueCapacity = 8, QueueFullMode = QueueFullMode.Reject };
        using var model = InferenceModel.Load(folder.Path, options);
        using var classifier = new TextClassifier(model);
        using var turn = new Turn(model);
        var long1 = classifier.ClassifyAsync(Texts[9], cancellationToken: Token);
        var error = Assert.Throws<QueueFullException>(() => { _ = classifier.ClassifyAsync(Texts[9], cancellationToken: Token); });
        Assert.Equal(ErrorKind.Busy, error.Kind);
        Assert.Equal(1, model.QueueLength);
        turn.Dispose();
        Assert.NotEmpty((await long1).Labels);

        // A list begins where there is room, and its other texts wait for theirs.
        Assert.Equal(Texts.Length, (await classifier.ClassifyAsync(Texts, cancellationToken: Token)).Count);
    }

    [Fact]
    public async Task AFullQueueLetsCallsWaitOtherwise()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path, new ModelOptions { MaxConcurrency = 1, QueueCapacity = 8 });
        using var classifier = new TextClassifier(model);
        var answers = await Task.WhenAll(Texts.Select(text => classifier.ClassifyAsync(text, cancellationToken: Token)));
        for (var i = 0; i < Texts.Length; i++) Assert.Equal(classifier.Classify(Texts[i]).Labels, answers[i].Labels);
    }

    [Fact]
    public async Task ACallThatWaitsForItsTurnCanBeCancelled()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path, new ModelOptions { MaxConcurrency = 1 });
        using var classifier = new TextClassifier(model);
        using var turn = new Turn(model);
        using var cancelled = new CancellationTokenSource();
        var call = Task.Run(() => classifier.Classify(Texts[3], cancellationToken: cancelled.Token), Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        turn.Dispose();
        Assert.NotEmpty(classifier.Classify(Texts[3]).Labels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task ANullAmongTextsIsNamedByItsIndex(int index)
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        string[] texts = ["good", "bad", "film"];
        texts[index] = null!;
        var name = $"texts[{index}]";
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => classifier.Classify(texts)).Message, StringComparison.Ordinal);
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => classifier.ClassifyStream(texts).ToList()).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            name, (await Assert.ThrowsAsync<ArgumentException>(() => classifier.ClassifyAsync(texts, cancellationToken: Token))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATextThatIsTooLongIsNamedByItsIndex()
    {
        using var folder = new ClassifierFolder();
        var options = new TextClassifierOptions { Reading = new() { LongText = LongText.Error } };
        using var classifier = TextClassifier.Load(folder.Path, options);
        string[] texts = ["good", "bad", string.Join(' ', Enumerable.Repeat("very", 90)), "film"];
        AssertNamed(Assert.Throws<ArgumentException>(() => classifier.Classify(texts)));
        AssertNamed(Assert.Throws<ArgumentException>(() => classifier.ClassifyStream(texts).ToList()));
        AssertNamed(await Assert.ThrowsAsync<ArgumentException>(() => classifier.ClassifyAsync(texts, cancellationToken: Token)));

        static void AssertNamed(ArgumentException error)
        {
            Assert.StartsWith("texts[2]: the input has more tokens than the 40", error.Message, StringComparison.Ordinal);
            Assert.Equal("texts", error.ParamName);
        }
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(6, 5)]
    [InlineData(7, 7)]
    [InlineData(8, 8)]
    [InlineData(9, 8)]
    public void ALimitOfCharactersLeavesSurrogatesTogether(int limit, int expected) =>
        Assert.Equal(expected, new Reading(10, limit, LongText.Truncate).Cut("good \U0001F917a\U0001F917").Length);

    [Fact]
    public async Task AStreamAnswersAsSoonAsTheNextTextIsNotThereYet()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        var answered = 0;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await foreach (var answer in classifier.ClassifyStreamAsync(Source(), cancellationToken: Token))
        {
            answered++;
            asked.TrySetResult();
        }

        Assert.Equal(3, answered);

        // The third text comes only when the first answer is there: a stream that waited for a full batch would never end.
        async IAsyncEnumerable<string> Source()
        {
            yield return "good";
            yield return "bad";
            await asked.Task.WaitAsync(Token);
            yield return "film";
        }
    }

    [Fact]
    public async Task AStreamWhoseSourceNeverPausesAnswersAfterTheLatencyThatIsAskedFor()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path, null, new ModelOptions { BatchTokens = 1 << 20 });
        var read = 0;
        await foreach (var answer in classifier.ClassifyStreamAsync(Endless(), maxLatency: TimeSpan.Zero, cancellationToken: Token))
        {
            Assert.Equal(1, read);
            break;
        }

        async IAsyncEnumerable<string> Endless()
        {
            await Task.CompletedTask;
            while (true)
            {
                read++;
                yield return "good";
            }
        }
    }

    [Fact]
    public void LimitsOfACallComeBeforeThoseOfThePipeline()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path, new TextClassifierOptions { Reading = new() { MaxLength = 20 } });
        var text = string.Join(' ', Enumerable.Repeat("good", 50));
        Assert.Equal((20, 18 * 5 - 1, true), Info(null));
        Assert.Equal((10, 8 * 5 - 1, true), Info(new() { MaxLength = 10 }));
        Assert.Equal((12, 10 * 5 - 1, true), Info(new() { MaxCharacters = 49 }));
        Assert.Equal((52, text.Length, false), Info(new() { LongText = LongText.Windows }));
        Assert.Contains("20", Assert.Throws<ArgumentException>(() => Info(new() { LongText = LongText.Error })).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Info(new() { LongText = LongText.Error, MaxCharacters = 9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Info(new() { MaxLength = 41 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Info(new() { MaxLength = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Info(new() { MaxCharacters = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Info(new() { LongText = (LongText)9 }));

        (int, int, bool) Info(ReadingOptions? reading)
        {
            var read = classifier.Classify(text, reading, Token).Read;
            return (read.TokenCount, read.CharactersRead, read.IsTruncated);
        }
    }

    /// <summary>Holds the only turn of a model, so that what is asked for meanwhile waits.</summary>
    private sealed class Turn : IDisposable
    {
        private readonly InferenceModel _model;
        private bool _left;

        public Turn(InferenceModel model)
        {
            _model = model;
            model.Turns.Enter(CancellationToken.None);
        }

        public void Dispose()
        {
            if (_left) return;
            _left = true;
            _model.Turns.Leave();
        }
    }
}
