using CsCheck;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Tests.Retrieval;

public sealed class VectorIndexTests : IDisposable
{
    private readonly IndexFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Scores are those of float64, what is found has no lower ones than what is not, and equal scores come in the order of the index.
    /// </summary>
    [Theory]
    [InlineData(VectorPrecision.Float32, 2e-6)]
    [InlineData(VectorPrecision.Int8, 4e-7)]
    [InlineData(VectorPrecision.Bits, 1e-7)]
    public void ASearchFindsWhatAPlainOneFinds(VectorPrecision precision, double tolerance) =>
        Gen.Select(Gen.Int[0, 700], Gen.Int[1, 200], Gen.Int[1, 60], Gen.Int[0, int.MaxValue]).Sample(
            (count, dimensions, top, seed) =>
            {
                var random = new Random(seed);
                var vectors = IndexFolder.Vectors(random, count, dimensions);
                using var folder = new IndexFolder();
                using var index = folder.Write(
                    vectors, dimensions, new() { Precision = precision, Rescoring = VectorRescoring.None });
                Assert.Equal((count, dimensions, precision), (index.Count, index.Dimensions, index.Precision));
                var query = IndexFolder.Vectors(random, 1, dimensions)[0];
                var expected = vectors.Select(vector => PlainSearch.Score(precision, query, vector)).ToList();
                var matches = index.Search(query, top);
                Assert.Equal(Math.Min(top, count), matches.Count);
                foreach (var match in matches)
                {
                    Assert.Equal(expected[match.Row], match.Score, tolerance);
                    Assert.Equal(match.Score, index.Score(query, match.Row));
                }

                for (var i = 1; i < matches.Count; i++)
                {
                    Assert.True(matches[i - 1].Score > matches[i].Score
                        || (matches[i - 1].Score == matches[i].Score && matches[i - 1].Row < matches[i].Row));
                }

                if (matches.Count == 0) return;
                var found = matches.Select(match => match.Row).ToHashSet();
                Assert.Equal(matches.Count, found.Count);
                Assert.All(Enumerable.Range(0, count).Where(row => !found.Contains(row)),
                    row => Assert.True(expected[row] <= matches[^1].Score + (2 * tolerance)));
            }, iter: 60);

    /// <summary>Bits that take all vectors as candidates find what their exact form finds, with the same scores.</summary>
    [Theory]
    [InlineData(VectorRescoring.Int8, VectorPrecision.Int8)]
    [InlineData(VectorRescoring.Float32, VectorPrecision.Float32)]
    public void RescoringGivesTheScoresOfTheExactForm(VectorRescoring rescoring, VectorPrecision precision) =>
        Gen.Select(Gen.Int[1, 900], Gen.Int[1, 150], Gen.Int[1, 40], Gen.Int[0, int.MaxValue]).Sample(
            (count, dimensions, top, seed) =>
            {
                var random = new Random(seed);
                var vectors = IndexFolder.Vectors(random, count, dimensions);
                var query = IndexFolder.Vectors(random, 1, dimensions)[0];
                using IndexFolder one = new(), other = new();
                using var exact = one.Write(vectors, dimensions, new() { Precision = precision });
                using var bits = other.Write(vectors, dimensions, new() { Precision = VectorPrecision.Bits, Rescoring = rescoring });
                var expected = exact.Search(query, top);
                Assert.Equal(expected, bits.Search(query, top, new() { Candidates = count }));

                // Fewer candidates may miss some, and never change a score.
                foreach (var match in bits.Search(query, top, new() { Candidates = 1 }))
                    Assert.Equal(exact.Score(query, match.Row), match.Score);
            }, iter: 40);

    [Fact]
    public void CandidatesAreThoseOfTheBits()
    {
        var random = new Random(5);
        var vectors = IndexFolder.Vectors(random, 2000, 96);
        var query = IndexFolder.Vectors(new Random(7), 1, 96)[0];
        using IndexFolder one = new();
        using var signs = one.Write(vectors, 96, new() { Precision = VectorPrecision.Bits, Rescoring = VectorRescoring.None });
        using var bits = _folder.Write(vectors, 96, new() { Precision = VectorPrecision.Bits });
        Assert.Equal(VectorRescoring.Int8, bits.Rescoring);
        var candidates = signs.Search(query, 30).Select(match => match.Row).Order();
        Assert.Equal(candidates, bits.Search(query, 30, new() { Candidates = 30 }).Select(match => match.Row).Order());

        // Not fewer than are wanted, and by default more.
        Assert.Equal(30, bits.Search(query, 30, new() { Candidates = 3 }).Count);
        Assert.Equal(bits.Search(query, 20, new() { Candidates = 320 }), bits.Search(query, 20));
        Assert.Equal(bits.Search(query, 2, new() { Candidates = 200 }), bits.Search(query, 2));
    }

    [Fact]
    public async Task ThreadsAndCallersChangeNothing()
    {
        // Several parts of a megabyte, the last of which is not full.
        var random = new Random(3);
        var vectors = IndexFolder.Vectors(random, 9000, 200);
        foreach (var precision in Enum.GetValues<VectorPrecision>())
        {
            using var index = _folder.Write(vectors.Concat(vectors).Concat(vectors), 200, new() { Precision = precision });
            float[][] queries = [.. vectors.Where(vector => vector[0] != 0).Take(16)];
            var expected = queries.Select(query => index.Search(query, 25, new() { Threads = 1 })).ToList();
            Assert.All(expected, matches => Assert.Equal(1f, matches[0].Score, 1e-6f));

            // Each vector is there three times, and the first is the first.
            Assert.All(expected, matches => Assert.InRange(matches[0].Row, 0, 8999));
            Assert.All(expected, matches => Assert.Contains(matches, match => match.Row == matches[0].Row + 18_000));
            await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(() =>
            {
                for (var i = 0; i < queries.Length; i++)
                {
                    var query = (i + caller) % queries.Length;
                    var threads = caller % 3 == 0 ? (int?)null : caller;
                    Assert.Equal(expected[query], index.Search(queries[query], 25, new() { Threads = threads }));
                }
            })));
        }
    }

    [Fact]
    public void TextsComeBack()
    {
        string[] texts = ["", "one", "zwölf 🎬", "a\0b\r\nc", new string('x', 100_000), "\ud800"];
        var random = new Random(1);
        using var index = _folder.Write(IndexFolder.Vectors(random, texts.Length, 5), 5, null, row => texts[row]);
        Assert.True(index.HasTexts);
        Assert.Equal([.. texts[..^1], "\ufffd"], Enumerable.Range(0, texts.Length).Select(index.Text));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Text(texts.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Text(-1));
        using IndexFolder folder = new();
        using var without = folder.Write(IndexFolder.Vectors(random, 1, 5), 5);
        Assert.False(without.HasTexts);
        Assert.Throws<InvalidOperationException>(() => without.Text(0));
    }

    [Fact]
    public void AnEmptyIndexHasNoMatches()
    {
        foreach (var precision in Enum.GetValues<VectorPrecision>())
        {
            using var index = _folder.Write([], 7, new() { Precision = precision });
            Assert.Empty(index.Search(new float[7], 10));
            Assert.Equal((0, false), (index.Count, index.HasTexts));
        }
    }

    [Fact]
    public void QueriesAreChecked()
    {
        using var index = _folder.Write([[1, 2, 3]], 3);
        Assert.Throws<ArgumentException>(() => index.Search(new float[2], 1));
        Assert.Throws<ArgumentException>(() => index.Search([1, float.NaN, 3], 1));
        Assert.Throws<ArgumentException>(() => index.Search([1, float.PositiveInfinity, 3], new VectorMatch[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search([1, 2, 3], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search([1, 2, 3], 1, new() { Threads = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Search([1, 2, 3], 1, new() { Candidates = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Score([1, 2, 3], 1));

        // The length of a query does not matter, and a query without length is as near to one vector as to another.
        Assert.Equal(index.Search([1, 2, 3], 1), index.Search([1e-30f, 2e-30f, 3e-30f], 1));
        Assert.Equal([new VectorMatch(0, 0)], index.Search(new float[3], 1));
    }

    [Fact]
    public void ASearchThatIsCancelledEndsAndTheNextOneIsWhole()
    {
        using var index = _folder.Write(IndexFolder.Vectors(new Random(1), 300, 64), 64);
        var query = IndexFolder.Vectors(new Random(2), 1, 64)[0];
        var expected = index.Search(query, 9);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => index.Search(query, 9, null, cancelled.Token));
        Assert.Equal(expected, index.Search(query, 9));
    }

    [Fact]
    public void AWarmSearchAllocatesNothing()
    {
        using var index = _folder.Write(
            IndexFolder.Vectors(new Random(1), 3000, 64), 64, new() { Precision = VectorPrecision.Bits });
        var query = IndexFolder.Vectors(new Random(2), 1, 64)[0];
        var matches = new VectorMatch[10];
        for (var i = 0; i < 50; i++) index.Search(query, matches);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 20; i++) index.Search(query, matches);
        }));
    }

    [Fact]
    public async Task ADisposedIndexRefusesSearchesAndLetsThoseEndThatRun()
    {
        var vectors = IndexFolder.Vectors(new Random(1), 20_000, 128);
        for (var repeat = 0; repeat < 5; repeat++)
        {
            var index = _folder.Write(vectors, 128);
            var expected = index.Search(vectors[5], 5);
            using var started = new CountdownEvent(3);
            var searches = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                started.Signal();
                try
                {
                    while (true) Assert.Equal(expected, index.Search(vectors[5], 5));
                }
                catch (ObjectDisposedException)
                {
                }
            })).ToArray();
            started.Wait(TestContext.Current.CancellationToken);
            index.Dispose();
            index.Dispose();
            await Task.WhenAll(searches);
            Assert.Throws<ObjectDisposedException>(() => index.Search(vectors[5], 5));
            Assert.Throws<ObjectDisposedException>(() => index.Score(vectors[5], 5));
        }
    }

    [Fact]
    public void OnlyTheModelOfTheIndexIsTaken()
    {
        using ClassifierFolder first = new("squeezebert-encoder"), second = new("bert-encoder");
        using TextEmbedder embedder = TextEmbedder.Load(first.Path), again = TextEmbedder.Load(first.Path),
            pooled = TextEmbedder.Load(first.Path, new() { Pooling = SentencePooling.Cls }),
            cut = TextEmbedder.Load(first.Path, new() { Dimensions = 4 }), other = TextEmbedder.Load(second.Path);
        Assert.Equal(embedder.Model.Fingerprint, embedder.Fingerprint);
        Assert.Equal(embedder.Fingerprint, cut.Fingerprint);
        Assert.NotEqual(embedder.Fingerprint, pooled.Fingerprint);
        var vector = embedder.Embed("good film").Vector.ToArray();
        using (var index = _folder.Write([vector], vector.Length, new() { Fingerprint = embedder.Fingerprint }, _ => "good film"))
        {
            Assert.Equal(embedder.Fingerprint, index.Fingerprint);
            index.RequireModel(embedder);
            index.RequireModel(again);
            Assert.Contains("another model", Assert.Throws<UnsupportedModelException>(() => index.RequireModel(pooled)).Message,
                StringComparison.Ordinal);
            Assert.Contains("components", Assert.Throws<UnsupportedModelException>(() => index.RequireModel(cut)).Message,
                StringComparison.Ordinal);
            Assert.Throws<UnsupportedModelException>(() => index.RequireModel(other));
        }

        // An index that does not say what made it takes any model with its dimensions.
        using var unsaid = _folder.Write([vector], vector.Length);
        Assert.Null(unsaid.Fingerprint);
        unsaid.RequireModel(pooled);
        Assert.Throws<UnsupportedModelException>(() => unsaid.RequireModel(cut));
    }
}
