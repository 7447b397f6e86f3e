using System.Globalization;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Pipelines;

/// <summary>
/// What every pipeline promises: one text, many, streams and concurrent callers give the same bits; a stream ends with its source, its
/// reader or its cancellation, and leaves the pipeline usable.
/// </summary>
public class PipelineContractTests
{
    private static readonly string[] Texts = [.. Enumerable.Range(0, 24)
        .Select(i => string.Join(' ', Enumerable.Repeat(i % 2 == 0 ? "the good [MASK]" : "very bad film", i % 7)) + " was " + i)];

    public static TheoryData<string> Tasks => [.. Pipelines.Keys];

    private static Dictionary<string, Func<Pipeline>> Pipelines { get; } = new()
    {
        ["classification"] = () => Make(
            "squeezebert-sequence-classification",
            path => TextClassifier.Load(path, new TextClassifierOptions { Reading = new() { MaxLength = 14, LongText = LongText.Windows } },
                new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Classify(text, cancellationToken: token),
            (task, texts, token) => task.Classify(texts, cancellationToken: token),
            (task, texts, token) => task.ClassifyStream(texts, cancellationToken: token),
            (task, texts, token) => task.ClassifyStreamAsync(texts, cancellationToken: token),
            (task, text, reading, token) => task.ClassifyAsync(text, reading, token),
            (task, texts, token) => task.ClassifyAsync(texts, cancellationToken: token),
            model => new TextClassifier(model),
            answer => answer.Read,
            Bits),
        ["reranking"] = () => Make(
            "squeezebert-sequence-classification",
            path => TextReranker.Load(
                path,
                new TextRerankerOptions { Reading = new() { MaxLength = 14, LongText = LongText.Windows }, RelevantLabel = "LABEL_1" },
                new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Rank("was it good", [text], cancellationToken: token)[0],
            (task, texts, token) => [.. task.Rank("was it good", texts, cancellationToken: token).OrderBy(item => item.Index)],
            (task, texts, token) => task.ScoreStream(texts.Select(text => new TextPair("was it good", text)), cancellationToken: token),
            (task, texts, token) => task.ScoreStreamAsync(
                texts.Select(text => new TextPair("was it good", text)), cancellationToken: token),
            async (task, text, reading, token) => (await task.RankAsync("was it good", [text], reading, token))[0],
            async (task, texts, token) =>
                [.. (await task.RankAsync("was it good", texts, cancellationToken: token)).OrderBy(item => item.Index)],
            model => new TextReranker(model, new TextRerankerOptions { RelevantLabel = "LABEL_1" }),
            item => item.Read,
            item => $"{Bits(item.Score)} {item.Text} {item.Read}"),
        ["zero-shot"] = () => Make(
            "squeezebert-sequence-classification",
            path => ZeroShotClassifier.Load(path,
                new ZeroShotClassifierOptions
                {
                    Reading = new() { MaxLength = 16, LongText = LongText.Windows },
                    EntailmentLabel = "LABEL_1",
                    HypothesisTemplate = "was {}"
                }, new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Classify(text, Labels, cancellationToken: token),
            (task, texts, token) => task.Classify(texts, Labels, cancellationToken: token),
            (task, texts, token) => task.ClassifyStream(texts, task.Prepare(Labels), cancellationToken: token),
            (task, texts, token) => task.ClassifyStreamAsync(texts, task.Prepare(Labels), cancellationToken: token),
            (task, text, reading, token) => task.ClassifyAsync(text, task.Prepare(Labels), reading, token),
            (task, texts, token) => task.ClassifyAsync(texts, task.Prepare(Labels), cancellationToken: token),
            model => new ZeroShotClassifier(model, ZeroShot),
            answer => answer.Read,
            Bits),
        ["question answering"] = () => Make(
            "squeezebert-question-answering",
            path => QuestionAnswerer.Load(path, new QuestionAnswererOptions { Reading = new() { MaxLength = 16 } },
                new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Answer("was it?", text, cancellationToken: token),
            (task, texts, token) => task.Answer([.. texts.Select(text => ("was it?", text))], cancellationToken: token),
            (task, texts, token) => task.AnswerStream(texts.Select(text => ("was it?", text)), cancellationToken: token),
            (task, texts, token) => task.AnswerStreamAsync(texts.Select(text => ("was it?", text)), cancellationToken: token),
            (task, text, reading, token) => task.AnswerAsync("was it?", text, reading, token),
            (task, texts, token) => task.AnswerAsync([.. texts.Select(text => ("was it?", text))], cancellationToken: token),
            model => new QuestionAnswerer(model),
            answer => answer.Read,
            answer => string.Join('|', answer.Answers.Select(item => $"{item.Text} {Bits(item.Score)} {Bits(item.Probability)}"))
                + Bits(answer.NoAnswerScore)),
        ["mask filling"] = () => Make(
            "squeezebert-masked-lm",
            path => MaskFiller.Load(path, new MaskFillerOptions { Reading = new() { MaxLength = 14, LongText = LongText.Windows } },
                new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Fill(text, cancellationToken: token),
            (task, texts, token) => task.Fill(texts, cancellationToken: token),
            (task, texts, token) => task.FillStream(texts, cancellationToken: token),
            (task, texts, token) => task.FillStreamAsync(texts, cancellationToken: token),
            (task, text, reading, token) => task.FillAsync(text, null, reading, token),
            (task, texts, token) => task.FillAsync(texts, cancellationToken: token),
            model => new MaskFiller(model),
            filling => filling.Read,
            filling => filling.Text + string.Join(
                '|', filling.Masks.SelectMany(mask => mask.Tokens).Select(item => $"{item.Id} {Bits(item.Score)}"))),
        ["token classification"] = () => Make(
            "squeezebert-token-classification",
            path => TokenClassifier.Load(path, new TokenClassifierOptions
            {
                Reading = new() { MaxLength = 14, LongText = LongText.Windows },
                Aggregation = EntityAggregation.None
            }, new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Classify(text, cancellationToken: token),
            (task, texts, token) => task.Classify(texts, cancellationToken: token),
            (task, texts, token) => task.ClassifyStream(texts, cancellationToken: token),
            (task, texts, token) => task.ClassifyStreamAsync(texts, cancellationToken: token),
            (task, text, reading, token) => task.ClassifyAsync(text, reading, token),
            (task, texts, token) => task.ClassifyAsync(texts, cancellationToken: token),
            model => new TokenClassifier(model, new TokenClassifierOptions { Aggregation = EntityAggregation.None }),
            found => found.Read,
            found => string.Join('|', found.Entities.Select(entity => $"{entity.Label} {entity.Start} {Bits(entity.Score)}"))),
        ["embedding"] = () => Make(
            "squeezebert-encoder",
            path => TextEmbedder.Load(path, new TextEmbedderOptions { Reading = new() { MaxLength = 14, LongText = LongText.Windows } },
                new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Embed(text, cancellationToken: token),
            (task, texts, token) => task.Embed(texts, cancellationToken: token),
            (task, texts, token) => task.EmbedStream(texts, cancellationToken: token),
            (task, texts, token) => task.EmbedStreamAsync(texts, cancellationToken: token),
            (task, text, reading, token) => task.EmbedAsync(text, null, reading, token),
            (task, texts, token) => task.EmbedAsync(texts, cancellationToken: token),
            model => new TextEmbedder(model),
            embedding => embedding.Read,
            embedding => Bits(embedding.Vector.Span)),
        ["features"] = () => Make(
            "squeezebert-encoder",
            path => FeatureExtractor.Load(
                path, new FeatureExtractorOptions { Reading = new() { MaxLength = 14, LongText = LongText.Windows } },
                new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Extract(text, cancellationToken: token),
            (task, texts, token) => task.Extract(texts, cancellationToken: token),
            (task, texts, token) => task.ExtractStream(texts, cancellationToken: token),
            (task, texts, token) => task.ExtractStreamAsync(texts, cancellationToken: token),
            (task, text, reading, token) => task.ExtractAsync(text, reading, token),
            (task, texts, token) => task.ExtractAsync(texts, cancellationToken: token),
            model => new FeatureExtractor(model),
            features => features.Read,
            features => Bits(features.Values.Span)),
        ["multiple choice"] = () => Make(
            "squeezebert-multiple-choice",
            path => ChoiceSelector.Load(path, new ChoiceSelectorOptions { Reading = new() { MaxLength = 14, LongText = LongText.Windows } },
                new ModelOptions { BatchTokens = 40 }),
            (task, text, token) => task.Choose(text, Labels, cancellationToken: token),
            (task, texts, token) => task.Choose([.. texts.Select(text => (text, (IReadOnlyList<string>)Labels))], cancellationToken: token),
            (task, texts, token) => task.ChooseStream(
                texts.Select(text => (text, (IReadOnlyList<string>)Labels)), cancellationToken: token),
            (task, texts, token) => task.ChooseStreamAsync(
                texts.Select(text => (text, (IReadOnlyList<string>)Labels)), cancellationToken: token),
            (task, text, reading, token) => task.ChooseAsync(text, Labels, reading, token),
            (task, texts, token) => task.ChooseAsync(
                [.. texts.Select(text => (text, (IReadOnlyList<string>)Labels))], cancellationToken: token),
            model => new ChoiceSelector(model),
            choice => choice.Read,
            choice => string.Join('|', choice.Choices.Select(item => $"{item.Index} {Bits(item.Score)}"))),
    };

    private static string[] Labels => ["good", "very bad"];

    private static ZeroShotClassifierOptions ZeroShot { get; } = new()
    {
        EntailmentLabel = "LABEL_1",
        HypothesisTemplate = "was {}",
    };

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task OneManyAndStreamsGiveTheSameBits(string task)
    {
        using var pipeline = Pipelines[task]();
        var alone = Texts.Select(text => pipeline.One(text, TestContext.Current.CancellationToken)).ToList();
        Assert.True(alone.Distinct().Count() > 10);
        Assert.Equal(alone, pipeline.Many(Texts, TestContext.Current.CancellationToken));
        Assert.Equal(alone, pipeline.Stream(Texts, TestContext.Current.CancellationToken));
        var awaited = new List<string>();
        await foreach (var result in pipeline.StreamAsync(Later(Texts), TestContext.Current.CancellationToken)) awaited.Add(result);
        Assert.Equal(alone, awaited);
        Assert.Empty(pipeline.Stream([], TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task ConcurrentCallersGiveTheSameBits(string task)
    {
        using var pipeline = Pipelines[task]();
        var alone = Texts.Select(text => pipeline.One(text, CancellationToken.None)).ToList();
        using var start = new Barrier(4);
        var callers = Enumerable.Range(0, 4).Select(caller => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return caller % 2 == 0 ? pipeline.Many(Texts, CancellationToken.None)
                    : [.. Texts.Select(text => pipeline.One(text, CancellationToken.None))];
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        foreach (var results in await Task.WhenAll(callers)) Assert.Equal(alone, results);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task WhatTheSourceThrowsComesThroughBehindTheResultsBefore(string task)
    {
        using var pipeline = Pipelines[task]();
        var expected = pipeline.One(Texts[5], CancellationToken.None);
        var results = new List<string>();
        var error = Assert.Throws<InvalidDataException>(() => results.AddRange(pipeline.Stream(Failing(), CancellationToken.None)));
        Assert.Equal("at 8", error.Message);
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var result in pipeline.StreamAsync(Later(Failing()), CancellationToken.None)) results.Add(result);
        });
        Assert.Equal(expected, results[5]);

        // The worker is back and clean.
        Assert.Equal(expected, pipeline.One(Texts[5], CancellationToken.None));
        Assert.Equal(expected, pipeline.Many(Texts, CancellationToken.None)[5]);

        // The text before the failure fills a batch, so that all of them have been computed.
        static IEnumerable<string> Failing()
        {
            for (var i = 0; i < 8; i++) yield return i == 7 ? string.Join(' ', Enumerable.Repeat("good [MASK]", 40)) : Texts[i];
            throw new InvalidDataException("at 8");
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task ACancelledStreamEndsAndLeavesThePipelineUsable(string task)
    {
        using var pipeline = Pipelines[task]();
        var expected = pipeline.One(Texts[3], CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        var count = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var _ in pipeline.Stream(Endless(), cancelled.Token))
            {
                if (++count == 5) cancelled.Cancel();
            }
        });
        Assert.InRange(count, 5, 100);
        Assert.ThrowsAny<OperationCanceledException>(() => pipeline.One(Texts[3], cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in pipeline.StreamAsync(Later(Endless()), cancelled.Token))
            {
            }
        });
        Assert.Equal(expected, pipeline.One(Texts[3], CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task AStreamThatIsLeftEarlyDisposesItsSource(string task)
    {
        using var pipeline = Pipelines[task]();
        var disposed = 0;
        foreach (var _ in pipeline.Stream(Source(), CancellationToken.None)) break;
        await foreach (var _ in pipeline.StreamAsync(Later(Source()), CancellationToken.None)) break;
        Assert.Equal(2, disposed);

        IEnumerable<string> Source()
        {
            try
            {
                foreach (var text in Endless()) yield return text;
            }
            finally
            {
                disposed++;
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task TheQueueGivesTheSameBits(string task)
    {
        using var pipeline = Pipelines[task]();
        var token = TestContext.Current.CancellationToken;
        var alone = Texts.Select(text => pipeline.One(text, token)).ToList();
        Assert.Equal(alone, await pipeline.ManyAsync(Texts, token));
        var together = await Task.WhenAll(Texts.Select(text => pipeline.OneAsync(pipeline.Task, text, null, token)));
        Assert.Equal(alone, together.Select(result => result.Bits));
        Assert.Empty(await pipeline.ManyAsync([], token));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task ACancelledCallOfTheQueueLeavesThePipelineUsable(string task)
    {
        using var pipeline = Pipelines[task]();
        var token = TestContext.Current.CancellationToken;
        var expected = pipeline.One(Texts[5], token);

        // On a busy machine a short text may be answered before it is cancelled; a longer one is not.
        using var cancelled = new CancellationTokenSource();
        for (var words = 20_000; !cancelled.IsCancellationRequested; words *= 4)
        {
            using var source = new CancellationTokenSource();
            var first = pipeline.OneAsync(pipeline.Task, Texts[5], null, token);
            var second = pipeline.OneAsync(pipeline.Task, string.Join(' ', Enumerable.Repeat("good", words)), null, source.Token);
            await source.CancelAsync();
            Assert.Equal(expected, (await first).Bits);
            if (words > 1_000_000 || await Record.ExceptionAsync(() => second) is not null)
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
                await cancelled.CancelAsync();
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipeline.ManyAsync(Texts, cancelled.Token));
        Assert.Equal(expected, (await pipeline.OneAsync(pipeline.Task, Texts[5], null, token)).Bits);
    }

    /// <summary>A call's own limits, and what each result says of them.</summary>
    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task ResultsSayWhatWasRead(string task)
    {
        using var pipeline = Pipelines[task]();
        var token = TestContext.Current.CancellationToken;
        var text = string.Join(' ', Enumerable.Repeat("good", 100)) + " [MASK]";
        var cut = (await pipeline.OneAsync(pipeline.Task, text, new() { LongText = LongText.Truncate, MaxLength = 15 }, token)).Read;
        Assert.True(cut.IsTruncated);
        Assert.InRange(cut.TokenCount, 5, 15);
        Assert.True(cut.WindowCount <= 1);
        var whole = (await pipeline.OneAsync(pipeline.Task, text, new() { LongText = LongText.Windows }, token)).Read;
        Assert.False(whole.IsTruncated);
        Assert.True(whole.CharactersRead >= text.Length && whole.CharactersRead > cut.CharactersRead);
        var few = (await pipeline.OneAsync(pipeline.Task, text, new() { MaxCharacters = 9 }, token)).Read;
        Assert.True(few.IsTruncated);
        Assert.True(few.CharactersRead < cut.CharactersRead + 20);
        await Assert.ThrowsAsync<ArgumentException>(
            () => pipeline.OneAsync(pipeline.Task, text, new() { LongText = LongText.Error, MaxLength = 15 }, token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await pipeline.OneAsync(pipeline.Task, text, new() { MaxLength = 41 }, token));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public async Task ABorrowedModelGivesTheSameBitsAndIsNotDisposed(string task)
    {
        using var pipeline = Pipelines[task]();
        var token = TestContext.Current.CancellationToken;
        var whole = new ReadingOptions { LongText = LongText.Truncate, MaxLength = 20 };
        var expected = await pipeline.OneAsync(pipeline.Task, Texts[5], whole, token);
        using var model = InferenceModel.Load(pipeline.Task.Model.Source);
        for (var round = 0; round < 2; round++)
        {
            await using var borrowed = pipeline.Borrow(model);
            borrowed.WarmUp(token);
            Assert.Equal(expected, await pipeline.OneAsync(borrowed, Texts[5], whole, token));
        }

        await model.DisposeAsync();
        await using var late = Record.Exception(() => pipeline.Borrow(model)) is null ? pipeline.Borrow(model) : null;
        if (late is not null)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(
                async () => await pipeline.OneAsync(late, Texts[5], whole, token));
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void AfterDisposalThereIsNoCall(string task)
    {
        var pipeline = Pipelines[task]();
        pipeline.One(Texts[1], CancellationToken.None);
        pipeline.Dispose();
        pipeline.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pipeline.One(Texts[1], CancellationToken.None));
        Assert.Throws<ObjectDisposedException>(() => pipeline.Stream(Texts, CancellationToken.None).First());
    }

    private static IEnumerable<string> Endless()
    {
        for (var i = 0; ; i++) yield return Texts[i % Texts.Length];
    }

    private static async IAsyncEnumerable<string> Later(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            await Task.Yield();
            yield return text;
        }
    }

    private static Pipeline Make<TTask, TResult>(
        string model,
        Func<string, TTask> load,
        Func<TTask, string, CancellationToken, TResult> one,
        Func<TTask, IReadOnlyList<string>, CancellationToken, IReadOnlyList<TResult>> many,
        Func<TTask, IEnumerable<string>, CancellationToken, IEnumerable<TResult>> stream,
        Func<TTask, IAsyncEnumerable<string>, CancellationToken, IAsyncEnumerable<TResult>> streamAsync,
        Func<TTask, string, ReadingOptions?, CancellationToken, Task<TResult>> oneAsync,
        Func<TTask, IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<TResult>>> manyAsync,
        Func<InferenceModel, TTask> borrow,
        Func<TResult, ReadInfo> read,
        Func<TResult, string> bits)
        where TTask : TextPipeline
    {
        var folder = new ClassifierFolder(model);
        var task = load(folder.Path);
        return new Pipeline(
            task,
            shared => borrow(shared),
            async (pipeline, text, reading, token) =>
            {
                var result = await oneAsync((TTask)pipeline, text, reading, token);
                return (bits(result), read(result));
            },
            async (texts, token) => [.. (await manyAsync(task, texts, token)).Select(bits)],
            (text, token) => bits(one(task, text, token)),
            (texts, token) => [.. many(task, texts, token).Select(bits)],
            (texts, token) => stream(task, texts, token).Select(bits),
            (texts, token) => streamAsync(task, texts, token).Select(bits),
            () =>
            {
                task.Dispose();
                if (Directory.Exists(folder.Path)) folder.Dispose();
            });
    }

    private static string Bits(float value) => BitConverter.SingleToInt32Bits(value).ToString("x8", CultureInfo.InvariantCulture);

    private static string Bits(ReadOnlySpan<float> values) =>
        Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));

    private static string Bits(Classification answer) =>
        string.Join('|', answer.Labels.Select(label => $"{label.Label} {Bits(label.Score)}"));

    /// <summary>A pipeline whose results are texts of their bits.</summary>
    private sealed record Pipeline(
        TextPipeline Task,
        Func<InferenceModel, TextPipeline> Borrow,
        Func<TextPipeline, string, ReadingOptions?, CancellationToken, Task<(string Bits, ReadInfo Read)>> OneAsync,
        Func<IReadOnlyList<string>, CancellationToken, Task<List<string>>> ManyAsync,
        Func<string, CancellationToken, string> One,
        Func<IReadOnlyList<string>, CancellationToken, List<string>> Many,
        Func<IEnumerable<string>, CancellationToken, IEnumerable<string>> Stream,
        Func<IAsyncEnumerable<string>, CancellationToken, IAsyncEnumerable<string>> StreamAsync,
        Action End) : IDisposable
    {
        public void Dispose() => End();
    }
}
