using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Pipelines;

/// <summary>One model in memory for several pipelines, callers and disposals.</summary>
public class SharedModelTests
{
    private const string Text = "the film was very good";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void PipelinesOfAModelGiveWhatTheirOwnModelsGive()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path);
        using var classifier = new TextClassifier(model);
        using var embedder = new TextEmbedder(model);
        using var ownClassifier = TextClassifier.Load(folder.Path);
        using var ownEmbedder = TextEmbedder.Load(folder.Path);
        Assert.Same(model, classifier.Model);
        Assert.Same(model, embedder.Model);
        Assert.Equal(ownClassifier.Classify(Text).Labels, classifier.Classify(Text).Labels);
        Assert.Equal(ownEmbedder.Embed(Text).Vector.ToArray(), embedder.Embed(Text).Vector.ToArray());
        Assert.Equal(["sequence classification"], model.Heads);
    }

    [Theory]
    [InlineData("squeezebert-sequence-classification")]
    [InlineData("squeezebert-question-answering")]
    [InlineData("squeezebert-masked-lm")]
    [InlineData("squeezebert-encoder")]
    public void AnyModelWarmsUp(string name)
    {
        using var folder = new ClassifierFolder(name);
        using var model = InferenceModel.Load(folder.Path);
        model.WarmUp(Token);
        Assert.Equal(0, model.RetainedBytes);
        Assert.Throws<OperationCanceledException>(() => model.WarmUp(new CancellationToken(canceled: true)));
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.WarmUp());
    }

    [Fact]
    public void APipelineDoesNotDisposeAModelThatItBorrows()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path);
        new TextClassifier(model).Dispose();
        using var classifier = new TextClassifier(model);
        Assert.NotEmpty(classifier.Classify(Text).Labels);
        model.Dispose();
        Assert.Equal(nameof(InferenceModel), Assert.Throws<ObjectDisposedException>(() => classifier.Classify(Text)).ObjectName);
        Assert.Throws<ObjectDisposedException>(() => model.CreateSession(OutputNames.Logits));
    }

    [Fact]
    public void APipelineDisposesTheModelThatItHasLoaded()
    {
        using var folder = new ClassifierFolder();
        var classifier = TextClassifier.Load(folder.Path);
        var model = classifier.Model;
        classifier.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.CreateSession(OutputNames.Logits));
    }

    [Fact]
    public void AModelOfAnotherKindIsRefusedByName()
    {
        using var folder = new ClassifierFolder("squeezebert-token-classification");
        using var model = InferenceModel.Load(folder.Path);
        var error = Assert.Throws<UnsupportedModelException>(() => new TextClassifier(model));
        Assert.Equal(ErrorKind.Unsupported, error.Kind);
        Assert.Contains("sequence classification", error.Message, StringComparison.Ordinal);
        Assert.Contains("SqueezeBertForTokenClassification", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Names of labels concern only who gives labels.</summary>
    [Fact]
    public void AModelWhoseLabelsHaveNoNamesIsStillAnEncoder()
    {
        using var folder = new ClassifierFolder();
        var file = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace(": \"LABEL_0\"", ": null", StringComparison.Ordinal));
        using var model = InferenceModel.Load(folder.Path);
        Assert.Empty(model.Heads);
        using var embedder = new TextEmbedder(model);
        Assert.NotEqual(0, embedder.Embed(Text).Vector.Span[0]);
        Assert.Contains("label", Assert.Throws<InvalidModelFileException>(() => new TextClassifier(model)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TrimmingGivesMemoryBackAndChangesNoBit()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path);
        using var classifier = new TextClassifier(model);
        var expected = classifier.Classify(Text).Labels;
        Assert.True(model.RetainedBytes > 0);
        model.Trim();
        Assert.Equal(0, model.RetainedBytes);
        Assert.Equal(expected, classifier.Classify(Text).Labels);
    }

    [Fact]
    public void NoMoreMemoryIsKeptThanTheOptionsAllow()
    {
        using var folder = new ClassifierFolder();
        using var classifier = TextClassifier.Load(folder.Path, null, new ModelOptions { MaxRetainedBytes = 1000 });
        var expected = classifier.Classify(Text).Labels;
        Assert.Equal(0, classifier.Model.RetainedBytes);
        Assert.Equal(expected, classifier.Classify(Text).Labels);
    }

    [Fact]
    public void TheFingerprintIsThatOfTheContentsNotOfTheFiles()
    {
        using var folder = new ClassifierFolder();
        using var copy = new ClassifierFolder();
        using var other = new ClassifierFolder("squeezebert-token-classification");
        using var model = InferenceModel.Load(folder.Path);
        using var same = InferenceModel.Load(copy.Path);
        using var different = InferenceModel.Load(other.Path);
        Assert.Matches("^[0-9a-f]{32}$", model.Fingerprint);
        Assert.Equal(model.Fingerprint, same.Fingerprint);
        Assert.NotEqual(model.Fingerprint, different.Fingerprint);

        using var changed = InferenceModel.Load(copy.Path);
        File.AppendAllText(Path.Combine(copy.Path, "config.json"), " ");
        Assert.Contains("load it again", Assert.Throws<InvalidOperationException>(() => changed.Fingerprint).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadingCanBeCancelled()
    {
        using var folder = new ClassifierFolder();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => InferenceModel.LoadAsync(folder.Path, cancellationToken: new CancellationToken(canceled: true)));
        using var model = await InferenceModel.LoadAsync(folder.Path, cancellationToken: Token);
        Assert.Contains(OutputNames.Logits, model.OutputNames);
    }

    [Theory]
    [InlineData(nameof(ModelOptions.Threads))]
    [InlineData(nameof(ModelOptions.BatchTokens))]
    [InlineData(nameof(ModelOptions.MaxConcurrency))]
    [InlineData(nameof(ModelOptions.QueueCapacity))]
    [InlineData(nameof(ModelOptions.QueueFullMode))]
    [InlineData(nameof(ModelOptions.Precision))]
    [InlineData(nameof(ModelOptions.MaxRetainedBytes))]
    public void AnOptionOutOfRangeIsNamed(string name)
    {
        using var folder = new ClassifierFolder();
        var options = name switch
        {
            nameof(ModelOptions.Threads) => new ModelOptions { Threads = 0 },
            nameof(ModelOptions.BatchTokens) => new ModelOptions { BatchTokens = 0 },
            nameof(ModelOptions.MaxConcurrency) => new ModelOptions { MaxConcurrency = 0 },
            nameof(ModelOptions.QueueCapacity) => new ModelOptions { QueueCapacity = 0 },
            nameof(ModelOptions.Precision) => new ModelOptions { Precision = (Precision)3 },
            nameof(ModelOptions.QueueFullMode) => new ModelOptions { QueueFullMode = (QueueFullMode)7 },
            _ => new ModelOptions { MaxRetainedBytes = -1 },
        };
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => InferenceModel.Load(folder.Path, options)).ParamName);
    }

    [Theory]
    [InlineData(99_999_999, 1, "Threads must be 1 to 1024")]
    [InlineData(1, int.MaxValue, "BatchTokens must be 1 to 1048576")]
    public void AnOptionWithoutAnEndNamesItsBound(int threads, int batchTokens, string message)
    {
        using var folder = new ClassifierFolder();
        var options = new ModelOptions { Threads = threads, BatchTokens = batchTokens };
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => TextClassifier.Load(folder.Path, null, options));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Int8TakesLessMemoryAndGivesNearlyTheSameScores()
    {
        using var folder = new ClassifierFolder();
        using var exact = TextClassifier.Load(folder.Path);
        using var rounded = TextClassifier.Load(folder.Path, null, new ModelOptions { Precision = Precision.Int8 });
        Assert.True(rounded.Model.WeightBytes < exact.Model.WeightBytes);
        float expected = exact.Classify("the film was good").Score, score = rounded.Classify("the film was good").Score;
        Assert.NotEqual(expected, score);
        Assert.Equal(expected, score, 0.02f);
    }

    [Fact]
    public void ASessionTakesTokenIdsOfItsUsers()
    {
        using var folder = new ClassifierFolder();
        using var model = InferenceModel.Load(folder.Path);
        using var classifier = new TextClassifier(model);
        using var session = model.CreateSession(OutputNames.Logits);
        var batch = new PackedBatch();
        batch.Add(model.Tokenizer.Encode(Text).Ids);
        session.Run(batch, Token);
        var expected = PlainModel.Softmax(session.GetOutput(OutputNames.Logits).ToArray().Select(value => (double)value));
        foreach (var (label, score) in classifier.Classify(Text).Labels)
            Assert.Equal(expected[classifier.Labels.ToList().IndexOf(label)], score, 1e-6);
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run(batch, Token));
    }

    /// <summary>
    /// Weights that were freed under a running session ended the process. Callers of all kinds run while model, pipeline or both are
    /// disposed at random moments: each call gives the right bits or says that there is no model any more.
    /// </summary>
    [Theory]
    [InlineData(1, 500)]
    [InlineData(2, 500)]
    public async Task DisposalAtAnyMomentLetsCallsEndOrRefusesThem(int seed, int rounds)
    {
        using var folder = new ClassifierFolder();
        using var reference = TextClassifier.Load(folder.Path);
        string[] texts = [Text, "bad", "good good good film", string.Join(' ', Enumerable.Repeat("very", 90))];
        var expected = texts.Select(text => reference.Classify(text).Labels).ToList();
        var random = new Random(seed);
        var (answered, refused) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var model = InferenceModel.Load(folder.Path, new ModelOptions { MaxConcurrency = 1 + (round % 3) });
            var classifier = new TextClassifier(model);
            var callers = new List<Task>
            {
                Task.Run(() => Call(i => classifier.Classify(texts[i]).Labels), Token),
                Task.Run(() => Call(i => classifier.Classify(texts)[i].Labels), Token),
                Task.Run(() => Call(i => classifier.ClassifyStream(texts).ElementAt(i).Labels), Token),
                Task.Run(() => CallAsync(async i => (await classifier.ClassifyAsync(texts[i], cancellationToken: Token)).Labels), Token),
                Task.Run(() => CallAsync(async i => (await classifier.ClassifyAsync(texts, cancellationToken: Token))[i].Labels), Token),
            };

            // However busy the machine is, callers are running when the disposal comes.
            var before = Volatile.Read(ref answered);
            // If all of them have failed, the test is to end and say so.
            await Task.Run(
                () => SpinWait.SpinUntil(() => Volatile.Read(ref answered) > before || callers.TrueForAll(caller => caller.IsCompleted)),
                Token);
            Thread.SpinWait(random.Next(40_000));
            switch (random.Next(4))
            {
                case 0:
                    model.Dispose();
                    break;
                case 1:
                    classifier.Dispose();
                    break;
                case 2:
                    await Task.WhenAll(model.DisposeAsync().AsTask(), classifier.DisposeAsync().AsTask()).WaitAsync(Token);
                    break;
                default:
                    await classifier.DisposeAsync();
                    break;
            }

            await Task.WhenAll(callers);
            await classifier.DisposeAsync();
            await model.DisposeAsync();
        }

        Assert.True(answered >= rounds, $"{answered} calls were answered");
        Assert.Equal(5 * rounds, refused);

        void Call(Func<int, IReadOnlyList<LabelScore>> call)
        {
            try
            {
                for (var i = 0; ; i++) Right(i % texts.Length, call(i % texts.Length));
            }
            catch (ObjectDisposedException)
            {
                Interlocked.Increment(ref refused);
            }
        }

        async Task CallAsync(Func<int, Task<IReadOnlyList<LabelScore>>> call)
        {
            try
            {
                for (var i = 0; ; i++) Right(i % texts.Length, await call(i % texts.Length));
            }
            catch (ObjectDisposedException)
            {
                Interlocked.Increment(ref refused);
            }
        }

        void Right(int text, IReadOnlyList<LabelScore> labels)
        {
            Assert.Equal(expected[text], labels);
            Interlocked.Increment(ref answered);
        }
    }
}
