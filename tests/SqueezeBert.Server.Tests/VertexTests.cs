using Microsoft.Extensions.DependencyInjection;
using SqueezeBert.Extensions;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;

namespace SqueezeBert.Server.Tests;

/// <summary>
/// `/vertex` gives the answers of the other routes, and each of its instances is admitted, counted and refused like a request of its own.
/// </summary>
public sealed class VertexTests
{
    private const string Encoder = "squeezebert-encoder";
    private const string Classifier = "squeezebert-sequence-classification";
    private const string Reranker = "squeezebert-regression";
    private const string Two = """{"instances": [{"inputs": "the film"}, {"inputs": [["a"], ["the film", "b"]]}]}""";

    [Fact]
    public async Task EachPredictionIsTheAnswerOfARequestOfItsOwn()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier), ("vectors", Encoder), ("relevance", Reranker));
        foreach (var (path, instances) in new (string, (string Route, string Body)[])[]
        {
            ("/vertex", [("/predict", """{"inputs": "the film"}"""), ("/rerank", """{"query": "film", "texts": ["a", "the film"]}"""),
                ("/predict", """{"inputs": [["a"], ["the film", "b"]], "raw_scores": true}""")]),
            ("/models/vectors/vertex", [("/embed", """{"inputs": ["a", "the film"]}"""),
                ("/embed", """{"inputs": "the film", "normalize": false, "dimensions": 3}""")]),
            ("/models/relevance/vertex", [("/rerank", """{"query": "film", "texts": ["a"], "raw_scores": true}""")]),
        })
        {
            var body = $$"""{"instances": [{{string.Join(',', instances.Select(instance => instance.Body))}}]}""";
            var reply = await server.PostAsync(path, body);
            var (predictions, tokens) = (reply.Is(200)["predictions"]!.AsArray(), 0);
            Assert.Equal(instances.Length, predictions.Count);
            foreach (var (prediction, (route, request)) in predictions.Zip(instances))
            {
                var expected = await server.PostAsync(route, request);
                Assert.Equal(expected.Is(200).ToJsonString(), prediction!.ToJsonString());
                tokens += int.Parse(expected.Headers["x-compute-tokens"]);
            }

            Assert.Equal(tokens, int.Parse(reply.Headers["x-compute-tokens"]));
        }
    }

    [Fact]
    public async Task NoInstancesHaveNoPredictions()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        Assert.Equal("""{"predictions":[]}""", (await server.PostAsync("/vertex", """{"instances": []}""")).Is(200).ToJsonString());
    }

    [Fact]
    public async Task ATagIsThatOfTheRequest()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var reply = await server.PostAsync("/vertex", Two);
        reply.Is(200);
        var tag = reply.Headers["ETag"];
        (await server.PostAsync("/vertex", Two, ("If-None-Match", tag))).IsTei(412, "Validation");
        (await server.PostAsync("/vertex", Two.Replace("film", "book"), ("If-None-Match", tag))).Is(200);
        (await server.PostAsync("/models/labels/vertex", Two, ("If-None-Match", tag))).Is(200);
        Assert.Equal(0, server.Service<CallServices>().Count);
    }

    /// <summary>The tag depends on every model that an instance is for, not only on the first.</summary>
    [Fact]
    public async Task ATagIsThatOfAllModels()
    {
        Assert.Equal(await TagAsync(20), await TagAsync(20));
        Assert.NotEqual(await TagAsync(20), await TagAsync(21));

        static async Task<string> TagAsync(int length)
        {
            await using var server = await RunningServer.StartAsync(
                null, [("labels", Classifier), ("relevance", Reranker)], null, services => services.Configure<SqueezeBertOptions>(
                    "relevance", options => options.Reading = new ReadingOptions { MaxLength = length }));
            var reply = await server.PostAsync("/vertex", """{"instances": [{"inputs": "a"}, {"query": "a", "texts": ["b"]}]}""");
            reply.Is(200);
            return reply.Headers["ETag"];
        }
    }

    /// <summary>What is already admitted is given back when the next one is not.</summary>
    [Fact]
    public async Task EachInstanceIsAdmittedLikeARequest()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxConcurrentRequests = 2, [("labels", Classifier)]);
        var services = server.Service<CallServices>();
        (await server.PostAsync("/vertex", Two)).Is(200);
        var three = """{"instances": [{"inputs": "a"}, {"inputs": "a"}, {"inputs": "a"}]}""";
        Assert.Equal(
            "instances has 3 items; 2 are taken (MaxConcurrentRequests)",
            (await server.PostAsync("/vertex", three)).IsTei(413, "Validation"));
        services.Enter();
        var reply = await server.PostAsync("/vertex", Two);
        Assert.Equal("Model is overloaded", reply.IsTei(429, "Overloaded"));
        Assert.Equal("1", reply.Headers["Retry-After"]);
        Assert.Equal(1, services.Count);
        services.Leave();
        var queue = server.Service<ServedModels>().Find("labels").Queue;
        Assert.Equal((0, 0), (queue.Requests, queue.Tokens));
        (await server.PostAsync("/vertex", Two)).Is(200);
    }

    [Fact]
    public async Task AnInstanceThatFailsFailsTheRequest()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier), ("vectors", Encoder));
        var text = string.Join(' ', Enumerable.Repeat("film", 100));
        var error = (await server.PostAsync(
            "/vertex", $$"""{"instances": [{"inputs": "a"}, {"inputs": [["a"], ["{{text}}"]], "truncate": false}]}"""))
            .IsTei(422, "Validation");
        Assert.StartsWith("instances[1].inputs[1]: ", error, StringComparison.Ordinal);
        var twice = $$"""{"inputs": "{{text}}", "truncate": false}""";
        error = (await server.PostAsync("/vertex", $$"""{"instances": [{{twice}}, {{twice}}]}""")).IsTei(422, "Validation");
        Assert.StartsWith("instances[0].inputs: ", error, StringComparison.Ordinal);
        server.Break("labels", typeof(TextClassifier));
        Assert.Equal("the computation failed", (await server.PostAsync("/vertex", Two)).IsTei(424, "Backend"));
        (await server.PostAsync("/models/vectors/vertex", """{"instances": [{"inputs": "a"}]}""")).Is(200);
        var queue = server.Service<ServedModels>().Find("labels").Queue;
        Assert.Equal((0, 0, 0L), (server.Service<CallServices>().Count, queue.Requests, queue.Tokens));
    }

    /// <summary>A model that is replaced could not be let go otherwise.</summary>
    [Fact]
    public async Task NoModelIsHeldAfterARequest()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxConcurrentRequests = 2, [("labels", Classifier)]);
        (await server.PostAsync("/vertex", Two)).Is(200);
        (await server.PostAsync("/vertex", """{"instances": [{"inputs": "a"}, {"inputs": 1}]}""")).IsTei(422, "Validation");
        (await server.PostAsync("/predict", """{"inputs": "a"}""")).Is(200);
        (await server.PostAsync("/embed", """{"inputs": "a", "dimensions": 1000}""")).IsTei(422, "Validation");
        (await server.PostAsync("/v1/embeddings", """{"input": "a"}""")).Is(200);
        var services = server.Service<CallServices>();
        services.Enter();
        (await server.PostAsync("/vertex", Two)).IsTei(429, "Overloaded");
        services.Leave();
        var model = server.App.Services.GetRequiredKeyedService<HostedModel>("labels").Loaded!;
        await Wait.UntilAsync(() => Task.FromResult(model.Users == 0));
    }

    [Fact]
    public async Task EachInstanceIsCountedLikeARequest()
    {
        await using var server = await RunningServer.StartAsync(options => options.AreMetricsPublic = true, [("labels", Classifier)]);
        (await server.PostAsync("/vertex", Two)).Is(200);
        (await server.PostAsync("/vertex", """{"instances": [{"inputs": 1}]}""")).IsTei(422, "Validation");
        var metrics = (await server.GetAsync("/metrics")).Body;
        foreach (var line in (string[])["te_request_count{method=\"single\"} 1", "te_request_count{method=\"batch\"} 1",
            "te_request_success{method=\"single\"} 1", "te_request_success{method=\"batch\"} 1", "te_request_duration_count 2",
            "te_request_failure{err=\"invalid\"} 1", "te_request_input_length_count 3"])
            Assert.Contains(line + "\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyIsNeededWhereThereIsOne()
    {
        await using var server = await RunningServer.StartAsync(options => options.ApiKeys = ["first"], [("labels", Classifier)]);
        (await server.PostAsync("/vertex", Two)).IsTei(401, "Validation");
        (await server.PostAsync("/models/labels/vertex", Two)).IsTei(401, "Validation");
        (await server.PostAsync("/vertex", Two, ("Authorization", "Bearer first"))).Is(200);
    }
}
