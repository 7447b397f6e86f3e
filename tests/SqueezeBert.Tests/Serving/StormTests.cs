using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Serving;

/// <summary>Many callers of every kind on one model: each gets its own bits, and nothing stays behind.</summary>
public class StormTests
{
    private const int Callers = 64, Rounds = 12, Together = 5;

    private static readonly string[] Texts = [.. Enumerable.Range(0, 48)
        .Select(i => string.Join(' ', Enumerable.Repeat(i % 2 == 0 ? "good film" : "very bad", i % 13)) + " " + i)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, QueueFullMode.Wait)]
    [InlineData(3, QueueFullMode.Wait)]
    [InlineData(1, QueueFullMode.Reject)]
    public async Task EveryCallerGetsItsBitsAndTrimGivesTheMemoryBack(int? concurrency, QueueFullMode mode)
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path, new ModelOptions
        {
            BatchTokens = 70,
            MaxConcurrency = concurrency,
            QueueFullMode = mode,
            QueueCapacity = 400,
        });
        using var classifier = new TextClassifier(model);
        using var embedder = new TextEmbedder(model);
        var labels = Texts.Select(text => classifier.Classify(text).Labels).ToList();
        var vectors = Texts.Select(text => embedder.Embed(text).Vector.ToArray()).ToList();
        Assert.True(labels.Select(label => label[0].Score).Distinct().Count() > 20);
        var (answers, rejected) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Factory.StartNew(
            () => CallAsync(caller), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        Assert.Equal(Callers / 4 * Rounds * (1 + Together + 2 + (2 * Together)), answers + rejected);
        Assert.True(mode == QueueFullMode.Reject || rejected == 0);
        Assert.Equal(0, model.QueueLength);
        model.Trim();
        Assert.Equal(0, model.RetainedBytes);
        Assert.Equal(labels[0], classifier.Classify(Texts[0]).Labels);

        async Task CallAsync(int caller)
        {
            for (var round = 0; round < Rounds; round++)
            {
                var first = ((caller * Rounds) + round) % (Texts.Length - Together);
                var some = Texts[first..(first + Together)];
                switch (caller % 4)
                {
                    case 0:
                        Right(first, classifier.Classify(Texts[first], cancellationToken: Token));
                        break;
                    case 1:
                        RightAll(first, classifier.Classify(some, cancellationToken: Token));
                        break;
                    case 2:
                        await OrRejected(async () => Right(first, await classifier.ClassifyAsync(Texts[first], cancellationToken: Token)));
                        await OrRejected(async () =>
                        {
                            var vector = (await embedder.EmbedAsync(Texts[first], cancellationToken: Token)).Vector;
                            Assert.Equal(vectors[first], vector.ToArray());
                            Interlocked.Increment(ref answers);
                        });
                        break;
                    default:
                        RightAll(first, [.. classifier.ClassifyStream(some, cancellationToken: Token)]);
                        var next = first;
                        await foreach (var answer in classifier.ClassifyStreamAsync(Later(some), cancellationToken: Token))
                            Right(next++, answer);
                        Assert.Equal(first + Together, next);
                        break;
                }
            }
        }

        async Task OrRejected(Func<Task> call)
        {
            try
            {
                await call();
            }
            catch (QueueFullException) when (mode == QueueFullMode.Reject)
            {
                Interlocked.Increment(ref rejected);
            }
        }

        void RightAll(int first, IReadOnlyList<Classification> all)
        {
            Assert.Equal(Together, all.Count);
            for (var i = 0; i < all.Count; i++) Right(first + i, all[i]);
        }

        void Right(int text, Classification answer)
        {
            Assert.Equal(labels[text], answer.Labels);
            Interlocked.Increment(ref answers);
        }
    }

    private static async IAsyncEnumerable<string> Later(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            await Task.Yield();
            yield return text;
        }
    }
}
