using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;
using SqueezeBert.Extensions.AI;

namespace SqueezeBert.Extensions.Tests.AI;

/// <summary>The collection finds what a comparison of all vectors finds, and keeps the promises of its interface.</summary>
public sealed class VectorStoreTests
{
    private const int Dimensions = 8;

    private readonly ExactVectorStore _store = new();

    [Fact]
    public async Task TheSearchIsExact()
    {
        var random = new Random(1);
        var notes = Enumerable.Range(0, 500).Select(i => new Note { Id = i, Year = 2000 + (i % 7), Vector = Vector(random) }).ToList();
        var collection = await FilledAsync(notes);
        var query = Vector(random);
        var expected = notes.Where(note => note.Year > 2002)
            .Select(note => (note.Id, Score: VectorSimilarity.Cosine(query.Span, note.Vector.Span)))
            .OrderByDescending(one => one.Score).Skip(3).Take(10).ToList();
        var year = 2002;
        var found = await collection.SearchAsync(query, 10, new() { Filter = note => note.Year > year, Skip = 3 }).ToListAsync();
        Assert.Equal(expected.Select(one => one.Id), found.Select(one => one.Record.Id));
        Assert.Equal(expected.Select(one => one.Score), found.Select(one => (float)one.Score!.Value));
        Assert.All(found, one => Assert.True(one.Record.Vector.IsEmpty));

        Assert.Equal(499, await collection.SearchAsync(query, int.MaxValue, new() { Skip = 1 }).CountAsync());
        found = await collection.SearchAsync(query.ToArray(), 1, new() { IncludeVectors = true }).ToListAsync();
        Assert.Equal(notes.Find(note => note.Id == found[0].Record.Id)!.Vector.ToArray(), found[0].Record.Vector.ToArray());
    }

    [Theory]
    [InlineData(null, new[] { 1, 2, 3 }, 0.5)]
    [InlineData(DistanceFunction.CosineSimilarity, new[] { 1, 2, 3 }, 0.5)]
    [InlineData(DistanceFunction.CosineDistance, new[] { 1, 2, 3 }, 0.5)]
    [InlineData(DistanceFunction.DotProductSimilarity, new[] { 2, 1, 3 }, 0.5)]
    [InlineData(DistanceFunction.NegativeDotProductSimilarity, new[] { 2, 1, 3 }, -0.5)]
    [InlineData(DistanceFunction.EuclideanDistance, new[] { 1, 3, 2 }, 2.0)]
    [InlineData(DistanceFunction.EuclideanSquaredDistance, new[] { 1, 3, 2 }, 3.0)]
    [InlineData(DistanceFunction.ManhattanDistance, new[] { 1, 3, 2 }, 2.0)]
    public async Task EachDistanceFunctionOrdersAndCuts(string? distance, int[] order, double threshold)
    {
        var collection = Dynamic(distance);
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync([Entry(1, 1, 0), Entry(2, 3, 1), Entry(3, 0, 1)]);
        ReadOnlyMemory<float> query = new float[] { 1, 0 };
        var found = await collection.SearchAsync(query, 9).ToListAsync();
        Assert.Equal(order, found.Select(one => (int)one.Record["Id"]!));
        var kept = await collection.SearchAsync(query, 9, new() { ScoreThreshold = threshold }).ToListAsync();
        Assert.NotEqual(found.Count, kept.Count);
        Assert.Equal(found.Take(kept.Count).Select(one => one.Score), kept.Select(one => one.Score));

        static Dictionary<string, object?> Entry(int id, params float[] vector) => new() { ["Id"] = id, ["Vector"] = vector };
    }

    [Fact]
    public async Task EqualScoresComeInTheOrderOfTheirKeys()
    {
        var collection = await FilledAsync(Enumerable.Range(0, 20).Select(i => new Note { Id = 20 - i, Vector = One() }));
        await collection.UpsertAsync(new Note { Id = 15, Title = "again", Vector = One() });
        var found = await collection.SearchAsync(One(), 10).ToListAsync();
        Assert.Equal(Enumerable.Range(0, 10).Select(i => 20 - i), found.Select(one => one.Record.Id));
    }

    [Fact]
    public async Task RecordsAreGotChangedAndDeleted()
    {
        var collection = await FilledAsync([new Note { Id = 1, Title = "one", Year = 3 }, new Note { Id = 2, Title = "two", Year = 1 }]);
        var got = await collection.GetAsync(1);
        got!.Title = "changed";
        Assert.Equal("one", (await collection.GetAsync(1))!.Title);
        Assert.Null(await collection.GetAsync(9));
        Assert.Equal([2, 1], (await collection.GetAsync([2, 9, 1]).ToListAsync()).Select(note => note.Id));
        await collection.UpsertAsync(new Note { Id = 1, Title = "new", Year = 3 });
        await collection.UpsertAsync(new Note { Id = 3, Title = "new", Year = 2 });
        Assert.Equal([3, 1], await IdsAsync(note => note.Title == "new", new() { OrderBy = order => order.Ascending(note => note.Year) }));
        Assert.Equal([1, 3], await IdsAsync(note => note.Title == "new", new()
        {
            OrderBy = order => order.Ascending(note => note.Title).Descending(note => note.Year),
        }));
        Assert.Equal([3], await IdsAsync(note => note.Year < 9, new() { Skip = 2 }));
        await collection.DeleteAsync(1);
        await collection.DeleteAsync([3, 77]);
        Assert.Equal([2], await IdsAsync(note => true, null));

        async Task<IEnumerable<int>> IdsAsync(Expression<Func<Note, bool>> filter, FilteredRecordRetrievalOptions<Note>? options) =>
            (await collection.GetAsync(filter, 10, options).ToListAsync()).Select(note => note.Id);
    }

    [Fact]
    public async Task CollectionsExistOnceTheyAreMade()
    {
        var collection = _store.GetCollection<int, Note>("notes");
        Assert.False(await collection.CollectionExistsAsync());
        var error = await Assert.ThrowsAsync<VectorStoreException>(() => collection.UpsertAsync(new Note { Id = 1 }));
        Assert.Equal(("notes", "Upsert"), (error.CollectionName, error.OperationName));
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync(new Note { Id = 1 });
        await collection.EnsureCollectionExistsAsync();
        Assert.NotNull(await _store.GetCollection<int, Note>("notes").GetAsync(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Dynamic(null, "notes").EnsureCollectionExistsAsync());
        Assert.Equal(["notes"], await _store.ListCollectionNamesAsync().ToListAsync());
        Assert.True(await _store.CollectionExistsAsync("notes"));
        await collection.EnsureCollectionDeletedAsync();
        await _store.EnsureCollectionDeletedAsync("notes");
        Assert.False(await collection.CollectionExistsAsync());
        var metadata = (VectorStoreCollectionMetadata)collection.GetService(typeof(VectorStoreCollectionMetadata))!;
        Assert.Equal("notes", metadata.CollectionName);
        Assert.NotNull(_store.GetService(typeof(VectorStoreMetadata)));
    }

    [Fact]
    public async Task ABatchIsPutAsAWholeOrNotAtAll()
    {
        var collection = await FilledAsync([]);
        await Assert.ThrowsAsync<ArgumentException>(
            () => collection.UpsertAsync([new Note { Id = 1, Vector = One() }, new Note { Id = 2, Vector = new float[3] }]));
        float[] noNumber = [1, 2, 3, 4, 5, 6, 7, float.NaN];
        await Assert.ThrowsAsync<ArgumentException>(
            () => collection.UpsertAsync([new Note { Id = 1, Vector = One() }, new Note { Id = 2, Vector = noNumber }]));
        await Assert.ThrowsAsync<ArgumentException>(() => collection.UpsertAsync([new Note { Id = 1 }, null!]));
        Assert.Empty(await collection.GetAsync(_ => true, 9).ToListAsync());
        await Assert.ThrowsAsync<ArgumentException>(async () => await collection.SearchAsync(new float[3], 1).ToListAsync());
    }

    [Fact]
    public async Task WhatIsNotSupportedSaysWhy()
    {
        Assert.Contains("exact", Assert.Throws<NotSupportedException>(() => Dynamic(null, index: IndexKind.Hnsw)).Message);
        Assert.Contains("Hamming", Assert.Throws<NotSupportedException>(() => Dynamic(DistanceFunction.HammingDistance)).Message);
        var collection = await FilledAsync([]);
        Assert.Contains("embedding generator", (await Assert.ThrowsAsync<NotSupportedException>(
            async () => await collection.SearchAsync("a text", 1).ToListAsync())).Message);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await collection.SearchAsync(new double[8], 1).ToListAsync());
        Assert.Throws<InvalidOperationException>(() => _store.GetCollection<string, Note>("notes"));
    }

    [Fact]
    public async Task SearchesSeeAMomentWhileOthersWrite()
    {
        const int Batch = 500;
        var collection = await FilledAsync([]);
        var writers = Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            // They come and go together: nobody may see a part of them.
            var notes = Enumerable.Range(0, Batch)
                .Select(i => new Note { Id = (Batch * writer) + i, Year = writer, Vector = One() }).ToList();
            for (var round = 0; round < 300; round++)
            {
                await collection.UpsertAsync(notes);
                await collection.DeleteAsync(notes.Select(note => note.Id));
            }
        })).ToList();
        while (writers.Exists(writer => !writer.IsCompleted))
        {
            var found = await collection.SearchAsync(One(), 10 * Batch).ToListAsync();
            Assert.All(found.CountBy(one => one.Record.Year), writer => Assert.Equal(Batch, writer.Value));
        }

        await Task.WhenAll(writers);
    }

    /// <summary>Of the store, else of the generator, else of the model.</summary>
    [Theory]
    [InlineData("query", "document", null, "query", "document")]
    [InlineData(null, null, null, "query", "document")]
    [InlineData("document", null, null, "document", "document")]
    [InlineData(null, null, "query", "query", "query")]
    [InlineData(null, "document", "query", "query", "document")]
    public async Task TextsAreEmbeddedWithTheirPrompts(
        string? ofQueries, string? ofDocuments, string? ofGenerator, string queryPrompt, string documentPrompt)
    {
        using var folder = new VectorFolder();
        using var embedder = TextEmbedder.Load(folder.Path);
        var store = new ExactVectorStore(new()
        {
            EmbeddingGenerator = new TextEmbeddingGenerator(embedder, new() { PromptName = ofGenerator }),
            QueryPromptName = ofQueries,
            DocumentPromptName = ofDocuments,
        });
        var collection = store.GetCollection<Guid, Page>("pages");
        await collection.EnsureCollectionExistsAsync();
        string[] texts = ["a good film", "very bad", "was it the film?"];
        var pages = texts.Select(text => new Page { Text = text }).ToList();
        await collection.UpsertAsync([.. pages, new Page()]);
        Assert.Equal(4, pages.Select(page => page.Id).Append(Guid.Empty).Distinct().Count());

        var found = await collection.SearchAsync("good", 9).ToListAsync();
        var query = embedder.Embed("good", queryPrompt).Vector;
        var expected = texts.Select(text => (text, VectorSimilarity.Cosine(query.Span, embedder.Embed(text, documentPrompt).Vector.Span)))
            .OrderByDescending(one => one.Item2).ToList();
        Assert.Equal(expected, found.Select(one => (one.Record.Text!, (float)one.Score!.Value)));
        await Assert.ThrowsAsync<NotSupportedException>(() => collection.GetAsync(pages[0].Id, new() { IncludeVectors = true }));
        Assert.Throws<InvalidOperationException>(() => _store.GetCollection<Guid, Page>("pages"));
    }

    private static ReadOnlyMemory<float> One() => new float[] { 1, 0, 0, 0, 0, 0, 0, 0 };

    private static ReadOnlyMemory<float> Vector(Random random) =>
        Enumerable.Range(0, Dimensions).Select(_ => (random.NextSingle() * 2) - 1).ToArray();

    private async Task<VectorStoreCollection<int, Note>> FilledAsync(IEnumerable<Note> notes)
    {
        var collection = _store.GetCollection<int, Note>("notes");
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync(notes);
        return collection;
    }

    private VectorStoreCollection<object, Dictionary<string, object?>> Dynamic(
        string? distance, string name = "dynamic", string? index = null) => _store.GetDynamicCollection(name, new()
        {
            Properties =
            [
                new VectorStoreKeyProperty("Id", typeof(int)),
                new VectorStoreVectorProperty("Vector", typeof(float[]), 2) { DistanceFunction = distance, IndexKind = index },
            ],
        });

    private sealed class Note
    {
        [VectorStoreKey]
        public int Id { get; set; }

        [VectorStoreData]
        public string? Title { get; set; }

        [VectorStoreData(IsIndexed = true)]
        public int Year { get; set; }

        [VectorStoreVector(Dimensions)]
        public ReadOnlyMemory<float> Vector { get; set; }
    }

    private sealed class Page
    {
        [VectorStoreKey]
        public Guid Id { get; set; }

        [VectorStoreData]
        public string? Text { get; set; }

        [VectorStoreVector(48)]
        public string? Embedding => Text;
    }
}
