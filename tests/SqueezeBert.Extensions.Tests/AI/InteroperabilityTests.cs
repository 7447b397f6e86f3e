using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Data;
using SqueezeBert.Extensions.AI;
using AgentSearch = Microsoft.Agents.AI.TextSearchProvider;
using AgentSearchOptions = Microsoft.Agents.AI.TextSearchProviderOptions;

namespace SqueezeBert.Extensions.Tests.AI;

/// <summary>Semantic Kernel and the Agent Framework take the generator and the store as they are.</summary>
public sealed class InteroperabilityTests
{
    private static readonly string[] Texts = ["a good film", "the bad was very bad", "was it?"];

    [Fact]
    public async Task SemanticKernelFindsGeneratorAndStoreAndSearches()
    {
        using var folder = new VectorFolder();
        var builder = Kernel.CreateBuilder();
        AddTo(builder.Services, folder);
        var kernel = builder.Build();
        Assert.IsType<TextEmbeddingGenerator>(kernel.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        var pages = await PagesAsync(kernel.GetRequiredService<VectorStore>());
        ITextSearch<Page> search = new VectorStoreTextSearch<Page>(
            pages, new MapFromResultToString(page => ((Page)page).Text!),
            new MapFromResultToTextSearchResult(page => new TextSearchResult(((Page)page).Text!)));
        var found = await search.SearchAsync(Texts[0], new TextSearchOptions<Page> { Top = 2 });
        Assert.Equal(Texts[0], (await found.Results.ToListAsync())[0]);
        await ((ServiceProvider)kernel.Services).DisposeAsync();
    }

    [Fact]
    public async Task AgentsRememberAndSearch()
    {
        using var folder = new VectorFolder();
        var services = new ServiceCollection();
        AddTo(services, folder);
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<VectorStore>();
        var pages = await PagesAsync(store);
        var scope = new ChatHistoryMemoryProviderScope { UserId = "user" };
        var memory = new ChatHistoryMemoryProvider(store, "memory", 48, _ => new ChatHistoryMemoryProvider.State(scope, scope));
        var search = new AgentSearch(
            async (query, cancelled) => (await pages.SearchAsync(query, 1, cancellationToken: cancelled).ToListAsync(cancelled))
                .Select(found => new AgentSearch.TextSearchResult { Text = found.Record.Text! }),
            new AgentSearchOptions { SearchTime = AgentSearchOptions.TextSearchBehavior.BeforeAIInvoke });
        using var client = new EchoClient();
        var agent = new ChatClientAgent(client, new ChatClientAgentOptions { AIContextProviders = [memory, search] });
        Assert.Contains(Texts[2], (await agent.RunAsync("was it?")).Text);
        Assert.Contains("my dog is very good", (await agent.RunAsync("my dog is very good")).Text);
        Assert.Contains("my dog is very good", (await agent.RunAsync("the dog")).Text);
        Assert.True(await store.CollectionExistsAsync("memory"));
    }

    private static void AddTo(IServiceCollection services, VectorFolder folder)
    {
        services.AddSqueezeBert(folder.Path);
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(
            provider => new TextEmbeddingGenerator(provider.GetRequiredService<TextEmbedder>()));
        services.AddSingleton<VectorStore>(provider => new ExactVectorStore(new()
        {
            EmbeddingGenerator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>(),
        }));
    }

    private static async Task<VectorStoreCollection<int, Page>> PagesAsync(VectorStore store)
    {
        var pages = store.GetCollection<int, Page>("pages");
        await pages.EnsureCollectionExistsAsync();
        await pages.UpsertAsync(Texts.Select((text, i) => new Page { Id = i, Text = text }));
        return pages;
    }

    private sealed class Page
    {
        [VectorStoreKey]
        public int Id { get; set; }

        [VectorStoreData]
        public string? Text { get; set; }

        [VectorStoreVector(48)]
        public string? Vector => Text;
    }

    /// <summary>A chat model that repeats everything that it is told.</summary>
    private sealed class EchoClient : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, string.Join('\n', messages.Select(one => one.Text)))));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
