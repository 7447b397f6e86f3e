using SqueezeBert.Serving;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Serving;

/// <summary>Where the time of a caller's asynchronous texts goes is told to that caller, once for each text.</summary>
public class QueueTimesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void TimesAreTheMeansOfTheTexts()
    {
        var times = new QueueTimes();
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), times.Mean());
        times.Add(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(300));
        times.Add(TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(500));
        Assert.Equal((TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(400)), times.Mean());
        Assert.Equal(2, times.Texts);
    }

    [Fact]
    public async Task EachCallerIsToldOfItsOwnTexts()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path);
        var (one, other) = (new QueueTimes(), new QueueTimes());
        await Task.WhenAll(AskAsync(one, 3), AskAsync(other, 5), AskAsync(null, 2));
        Assert.Equal((3, 5), (one.Texts, other.Texts));
        Assert.All([one, other], times => Assert.True(times.Mean().Computation > TimeSpan.Zero, "no time was told"));
        Assert.Null(QueueTimes.Current);

        async Task AskAsync(QueueTimes? times, int texts)
        {
            QueueTimes.Current = times;
            await Task.WhenAll(Enumerable.Range(0, texts).Select(_ => classifier.ClassifyAsync("good film", cancellationToken: Token)));
        }
    }

    /// <summary>Items of a batch that failed are computed one by one, and are told of as well.</summary>
    [Fact]
    public async Task ATextWhoseBatchFailedIsToldOf()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path, new ModelOptions { MaxConcurrency = 1 });
        using var classifier = new TextClassifier(model);
        var refusing = new ReadingOptions { LongText = LongText.Error };
        var times = QueueTimes.Current = new QueueTimes();
        model.Turns.Enter(Token);
        var good = classifier.ClassifyAsync("good film", refusing, Token);
        var wrong = classifier.ClassifyAsync(string.Join(' ', Enumerable.Repeat("very", 45)), refusing, Token);
        model.Turns.Leave();
        await Assert.ThrowsAsync<ArgumentException>(() => wrong);
        Assert.NotEmpty((await good).Labels);
        Assert.Equal(1, times.Texts);
    }
}
