// Vectors through Microsoft.Extensions.AI: behind a cache and telemetry, and searched in a vector store.
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.VectorData;
using SqueezeBert;
using SqueezeBert.Extensions;
using SqueezeBert.Extensions.AI;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertModel");
var builder = Host.CreateApplicationBuilder();
builder.Services.AddSqueezeBert(model.Path);
builder.Services.AddDistributedMemoryCache();
builder.Services
    .AddEmbeddingGenerator(services =>
    {
        var pipeline = services.GetRequiredService<ReloadablePipeline<TextEmbedder>>();
        return new TextEmbeddingGenerator(() => pipeline.Current);
    })
    .Use(inner => new FingerprintedEmbeddingGenerator(inner))
    .UseDistributedCache()
    .UseOpenTelemetry();
builder.Services.AddSingleton<VectorStore>(services => new ExactVectorStore(new()
{
    EmbeddingGenerator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(),
}));
using var host = builder.Build();
await host.StartAsync();

var generator = host.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
string[] texts = ["Hold the button for ten seconds to reset the device.", "The warranty covers two years."];
GeneratedEmbeddings<Embedding<float>> first = await generator.GenerateAsync(texts);
GeneratedEmbeddings<Embedding<float>> again = await generator.GenerateAsync(texts);
Console.WriteLine($"tokens: {first.Usage!.InputTokenCount}, of which cached: {again.Usage!.CachedInputTokenCount}");
Console.WriteLine($"same bits: {first[0].Vector.Span.SequenceEqual(again[0].Vector.Span)}");

var pages = host.Services.GetRequiredService<VectorStore>().GetCollection<int, Page>("pages");
await pages.EnsureCollectionExistsAsync();
await pages.UpsertAsync(texts.Select((text, i) => new Page { Id = i, Text = text, Chapter = "Manual" }));
var options = new VectorSearchOptions<Page> { Filter = page => page.Chapter == "Manual" };
await foreach (VectorSearchResult<Page> found in pages.SearchAsync("How do I reset it?", 2, options))
    Console.WriteLine($"found {found.Score:0.000}: {found.Record.Text}");
await host.StopAsync();

internal sealed class Page
{
    [VectorStoreKey]
    public int Id { get; set; }

    [VectorStoreData]
    public string? Text { get; set; }

    [VectorStoreData]
    public string? Chapter { get; set; }

    /// <summary>The store makes a vector of it, and keeps that beside the record.</summary>
    [VectorStoreVector(64)]
    public string? Vector => Text;
}
