using SqueezeBert.Checkpoints;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Data;

/// <summary>Plain text that is tokenized once: the same examples from many files, the same bits of a run.</summary>
public sealed class TokenizedTextTests : IDisposable
{
    private const int Count = 500;

    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-tokens-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1 << 20, 1)]
    [InlineData(1000, 8)]
    [InlineData(50, 180)]
    public void ExamplesAreThoseThatWereAdded(long shardTokens, int minShards)
    {
        var expected = new StageData();
        Fill(expected);
        var times = 0;
        for (var run = 0; run < 2; run++)
        {
            var data = new StageData();
            TokenizedText.Open(_folder, "abc", data, () =>
            {
                times++;
                Fill(data);
            }, shardTokens, _ => { }, Cancelled);
            AssertSame(expected.Train, data.Train);
            AssertSame(expected.HeldOut, data.HeldOut);
        }

        Assert.Equal(1, times);
        Assert.True(Directory.GetFiles(_folder, "train-*", SearchOption.AllDirectories).Length >= minShards);
        Assert.Equal(["abc"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void WhatWasLeftByARunThatDiedIsWrittenAnew()
    {
        Assert.Throws<InvalidOperationException>(() => TokenizedText.Open(
            _folder, "abc", new StageData(), () => throw new InvalidOperationException("died"), 1000, _ => { }, Cancelled));
        File.WriteAllText(Path.Combine(_folder, "abc.writing", "train-000.tokens"), "half");
        var data = new StageData();
        TokenizedText.Open(_folder, "abc", data, () => Fill(data), 1000, _ => { }, Cancelled);
        Assert.True(data.Train.Count > 0);
    }

    /// <summary>A second run waits for the first, which is held until the second has said that it waits, and takes what is there.</summary>
    [Fact]
    public async Task ASecondRunWaitsForTheFirst()
    {
        using var begun = new ManualResetEventSlim();
        using var told = new ManualResetEventSlim();
        var first = new StageData();
        var running = Task.Run(() => TokenizedText.Open(
            _folder, "abc", first, () =>
            {
                begun.Set();
                told.Wait(Cancelled);
                Fill(first);
            }, 1000, _ => Assert.Fail("there is nobody to wait for"), Cancelled), Cancelled);
        begun.Wait(Cancelled);
        using (var source = new CancellationTokenSource())
        {
            // An impatient one gives up without an end to the first.
            Assert.ThrowsAny<OperationCanceledException>(() => TokenizedText.Open(
                _folder, "abc", new StageData(), () => Assert.Fail("it is written"), 1000, _ => source.Cancel(), source.Token));
        }

        var second = new StageData();
        var messages = new List<string>();
        TokenizedText.Open(_folder, "abc", second, () => Assert.Fail("it is written"), 1000, message =>
        {
            messages.Add(message);
            told.Set();
        }, Cancelled);
        await running;
        Assert.Contains("another run is writing the tokens", Assert.Single(messages), StringComparison.Ordinal);
        AssertSame(first.Train, second.Train);
        AssertSame(first.HeldOut, second.HeldOut);
        Assert.Equal(["abc"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void AFileThatIsChangedOrCutOrGoneIsRefusedByName()
    {
        var data = new StageData();
        TokenizedText.Open(_folder, "abc", data, () => Fill(data), 1000, _ => { }, Cancelled);
        var random = new Random(3);
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "abc")))
        {
            var whole = File.ReadAllBytes(file);
            for (var repeat = 0; repeat < 3; repeat++)
            {
                var bytes = (byte[])whole.Clone();
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                if (repeat == 0) File.Delete(file);
                else File.WriteAllBytes(file, repeat == 1 ? bytes : bytes[..random.Next(bytes.Length)]);
                var error = Assert.Throws<InvalidModelFileException>(() => TokenizedText.Open(
                    _folder, "abc", new StageData(), () => Assert.Fail("it is there"), 1000, _ => { }, Cancelled));
                Assert.Contains(file, error.Message, StringComparison.Ordinal);
            }

            File.WriteAllBytes(file, whole);
        }

        Directory.Move(Path.Combine(_folder, "abc"), Path.Combine(_folder, "xyz"));
        Assert.Throws<InvalidModelFileException>(() => TokenizedText.Open(
            _folder, "xyz", new StageData(), () => Assert.Fail("it is there"), 1000, _ => { }, Cancelled));
    }

    /// <summary>With the folder and without, whole and interrupted in the middle of an epoch.</summary>
    [Theory]
    [InlineData("masked-language", ", \"whole_words\": true")]
    [InlineData("pretraining", ", \"wrong_segment\": \"other\"")]
    [InlineData("sentence-order", "")]
    public void ARunHasTheSameBits(string task, string fields)
    {
        using var toy = new ToyTask();
        WriteStories(toy.Path("plain.txt"));
        string Recipe(string name, bool isCached) => toy.Recipe(name, recipe => OptimizerTests.Set(recipe, $$"""
            {
              "task": "{{task}}", "data": [{ "file": "plain.txt", "weight": 1.5 }], "labels": null, "epochs": 2{{fields}}
              {{(isCached ? ", \"token_cache\": \"tokens\"" : "")}}
            }
            """));
        TrainingResult Run(
            string recipe, bool resume = false, IProgress<TrainingProgress>? progress = null, CancellationToken? token = null) =>
            Trainer.Run(Training.Recipe.Load(recipe), resume, progress, token ?? Cancelled);
        byte[] Weights(string name) => File.ReadAllBytes(toy.Path(name + "/model.safetensors"));
        Run(Recipe("memory", isCached: false));
        Run(Recipe("first", isCached: true));
        Assert.Equal(Weights("memory"), Weights("first"));
        var folder = Assert.Single(Directory.GetDirectories(toy.Path("tokens")));
        var written = Directory.GetFiles(folder).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        var parts = Recipe("parts", isCached: true);
        using (var source = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Run(parts, progress: new Moment(source), token: source.Token));
        }

        Run(parts, resume: true);
        Assert.Equal(Weights("memory"), Weights("parts"));
        Assert.Equal(written, Directory.GetFiles(folder).ToDictionary(file => file, File.GetLastWriteTimeUtc));
        var error = Assert.Throws<RecipeException>(() => Run(toy.Recipe("out", recipe =>
            OptimizerTests.Set(recipe, """{ "token_cache": "tokens" }"""))));
        Assert.Equal("stages[0].token_cache", error.Field);
    }

    /// <summary>The two forms of one text lie beside each other.</summary>
    [Fact]
    public void BlocksAndPairsOfOneTextAreKeptBesideEachOther()
    {
        using var toy = new ToyTask();
        WriteStories(toy.Path("plain.txt"));
        foreach (var task in (string[])["masked-language", "pretraining", "sentence-order"])
        {
            Trainer.Run(Recipe.Load(toy.Recipe(task, recipe => OptimizerTests.Set(recipe, $$"""
                { "task": "{{task}}", "data": [{ "file": "plain.txt" }], "labels": null, "epochs": 0.2, "token_cache": "tokens" }
                """))), cancellationToken: Cancelled);
        }

        Assert.Equal(2, Directory.GetDirectories(toy.Path("tokens")).Length);
    }

    /// <summary>Documents of several sentences, which pairs need.</summary>
    private static void WriteStories(string file)
    {
        var random = new Random(9);
        var lines = new List<string>();
        for (var document = 0; document < 120; document++)
        {
            for (var line = 0; line < 3; line++)
            {
                lines.Add(string.Join(' ', Enumerable.Range(0, 3).Select(_ =>
                    $"W{random.Next(ToyTask.Words)} w{random.Next(ToyTask.Words)} w{random.Next(ToyTask.Words)}.")));
            }

            lines.Add("");
        }

        File.WriteAllLines(file, lines);
    }

    private static void Fill(StageData data)
    {
        var random = new Random(6);
        for (var i = 0; i < Count; i++)
        {
            var set = i % 5 == 0 ? data.HeldOut : data.Train;
            int[] tokens = [.. Enumerable.Range(0, random.Next(1, 50)).Select(_ => random.Next(30_000))];
            var text = i % 3 == 0 && set.TextCount > 0 ? set.TextCount - 1 : set.AddText(i % 2);
            set.Add(tokens, random.Next(1, tokens.Length + 1), i / 7, text);
        }
    }

    private static void AssertSame(ExampleSet expected, ExampleSet actual)
    {
        Assert.Equal((expected.Count, expected.TextCount, expected.TokenCount), (actual.Count, actual.TextCount, actual.TokenCount));
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], actual[i]);
            Assert.Equal(expected.Tokens(expected[i]), actual.Tokens(actual[i]));
            Assert.Equal(expected.SourceOf(expected[i].Text), actual.SourceOf(actual[i].Text));
        }
    }

    private sealed class Moment(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value is { Event: TrainingEvent.Step, Step: 5 }) source.Cancel();
        }
    }
}
