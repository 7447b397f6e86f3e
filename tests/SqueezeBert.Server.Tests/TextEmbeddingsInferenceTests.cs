using System.Text.Json.Nodes;

namespace SqueezeBert.Server.Tests;

/// <summary>Requests and responses of text-embeddings-inference, replayed: every route of it that is served, and every status.</summary>
public sealed class TextEmbeddingsInferenceTests
{
    private const string Encoder = "squeezebert-encoder";
    private const string Classifier = "squeezebert-sequence-classification";
    private const string Reranker = "squeezebert-regression";

    /// <summary>
    /// Routes without a name in them find the model that can do it, whichever comes first: a pair of request and status, and what the
    /// response looks like (numbers stand for any number).
    /// </summary>
    [Theory]
    [InlineData("/embed", """{"inputs": "a", "dimensions": 2}""", "[[0,0]]")]
    [InlineData("/embed", """{"inputs": ["a"], "dimensions": 2, "normalize": false, "truncate": true}""", "[[0,0]]")]
    [InlineData("/embed", """{"inputs": ["a", "b"], "dimensions": 2, "truncation_direction": "Left", "extra": 1}""", "[[0,0],[0,0]]")]
    [InlineData("/predict", """{"inputs": "a"}""",
        """[{"score":0,"label":""},{"score":0,"label":""},{"score":0,"label":""}]""")]
    [InlineData("/predict", """{"inputs": ["a", "b"], "raw_scores": true}""",
        """[{"score":0,"label":""},{"score":0,"label":""},{"score":0,"label":""}]""")]
    [InlineData("/predict", """{"inputs": [["a"], ["a", "b"]]}""",
        """
        [[{"score":0,"label":""},{"score":0,"label":""},{"score":0,"label":""}],
        [{"score":0,"label":""},{"score":0,"label":""},{"score":0,"label":""}]]
        """)]
    [InlineData("/rerank", """{"query": "a", "texts": ["b", "c"]}""", """[{"index":0,"score":0},{"index":0,"score":0}]""")]
    [InlineData("/rerank", """{"query": "a", "texts": ["b"], "return_text": true, "raw_scores": true}""",
        """[{"index":0,"text":"","score":0}]""")]
    [InlineData("/similarity", """{"inputs": {"source_sentence": "a", "sentences": ["b", "c"]}, "parameters": {"truncate": true}}""",
        "[0,0]")]
    [InlineData("/tokenize", """{"inputs": "a"}""",
        """
        [[{"id":0,"text":"","special":true,"start":null,"stop":null},{"id":0,"text":"","special":false,"start":0,"stop":0},
        {"id":0,"text":"","special":true,"start":null,"stop":null}]]
        """)]
    [InlineData("/", """{"inputs": "a", "dimensions": 2}""", "[[0,0]]")]
    [InlineData("/invocations", """{"inputs": ["a"], "dimensions": 2}""", "[[0,0]]")]
    [InlineData("/decode", """{"ids": [10]}""", """[""]""")]
    [InlineData("/decode", """{"ids": [[10], [11]]}""", """["",""]""")]
    [InlineData("/vertex", """{"instances": [{"inputs": "a", "dimensions": 2}, {"query": "a", "texts": ["b", "c"]}]}""",
        """{"predictions":[[[0,0]],[{"index":0,"score":0},{"index":0,"score":0}]]}""")]
    [InlineData("/models/labels/vertex", """{"instances": [{"inputs": "a"}, {"inputs": [["a"]], "extra": 1}], "parameters": {}}""",
        """
        {"predictions":[[{"score":0,"label":""},{"score":0,"label":""},{"score":0,"label":""}],
        [[{"score":0,"label":""},{"score":0,"label":""},{"score":0,"label":""}]]]}
        """)]
    [InlineData("/models/relevance/vertex", """{"instances": [{"query": "a", "texts": ["b"], "return_text": true}]}""",
        """{"predictions":[[{"index":0,"text":"","score":0}]]}""")]
    public async Task ARequestHasItsResponse(string path, string request, string response)
    {
        await using var server = await RunningServer.StartAsync(("vectors", Encoder), ("labels", Classifier), ("relevance", Reranker));
        var reply = await server.PostAsync(path, request);
        Assert.Equal(Shape(JsonNode.Parse(response)), Shape(reply.Is(200)));
        Assert.Equal("application/json", reply.Type);
        if (path is "/tokenize" or "/decode") return;
        Assert.Equal("cpu", reply.Headers["x-compute-type"]);
        Assert.True(int.Parse(reply.Headers["x-compute-tokens"]) >= 3);
        Assert.True(int.Parse(reply.Headers["x-compute-characters"]) >= 1);
        Assert.Equal(reply.Headers["x-total-time"], reply.Headers["x-compute-time"]);
        var times = Times(reply);
        Assert.Equal(3, times.Count);
        Assert.All(times, time => Assert.InRange(time, 0, int.Parse(reply.Headers["x-total-time"])));
        Assert.Equal("0", reply.Headers["x-truncated-texts"]);
    }

    /// <summary>What the queue took is said by every route with texts, and not where no text was computed.</summary>
    [Theory]
    [InlineData("/v1/embeddings", """{"input": ["a", "b"]}""", 3)]
    [InlineData("/models/labels/classify", """{"text": "a"}""", 3)]
    [InlineData("/models/labels/classify", """{"inputs": ["a", null]}""", 3)]
    [InlineData("/models/labels/classify", """{"inputs": [null]}""", 0)]
    [InlineData("/tokenize", """{"inputs": "a"}""", 0)]
    public async Task TimesOfTheQueueAreSaidOfTextsThatWereComputed(string path, string request, int count)
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var reply = await server.PostAsync(path, request);
        reply.Is(200);
        Assert.Equal(count, Times(reply).Count);
    }

    /// <summary>A route for vectors that names no model meets the one that is made for them, wherever it stands.</summary>
    [Theory]
    [InlineData("/embed", """{"inputs": "a"}""")]
    [InlineData("/embed_all", """{"inputs": "a"}""")]
    [InlineData("/similarity", """{"inputs": {"source_sentence": "a", "sentences": ["b"]}}""")]
    public async Task VectorsAreThoseOfTheModelThatIsMadeForThem(string path, string request)
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier), ("vectors", Encoder), ("other", Encoder));
        var expected = (await server.PostAsync($"/models/vectors{path}", request)).Is(200).ToJsonString();
        Assert.NotEqual(expected, (await server.PostAsync($"/models/labels{path}", request)).Is(200).ToJsonString());
        Assert.Equal(expected, (await server.PostAsync(path, request)).Is(200).ToJsonString());
    }

    [Theory]
    [InlineData("/embed", """{"inputs": []}""", 400, "Empty", "`inputs` cannot be empty")]
    [InlineData("/embed", "{", 400, "Validation", "JSON")]
    [InlineData("/predict", """{"inputs": []}""", 400, "Empty", "`inputs` cannot be empty")]
    [InlineData("/rerank", """{"query": "a", "texts": []}""", 400, "Empty", "`texts` cannot be empty")]
    [InlineData("/similarity", """{"inputs": {"source_sentence": "a", "sentences": []}}""", 400, "Empty", "cannot be empty")]
    [InlineData("/tokenize", """{"inputs": []}""", 400, "Empty", "`inputs` cannot be empty")]
    [InlineData("/decode", """{"ids": []}""", 400, "Empty", "`ids` cannot be empty")]
    [InlineData("/embed", """{"inputs": ["a","a","a","a","a"]}""", 413, "Validation", "batch size 5 > maximum allowed batch size 4")]
    [InlineData("/predict", """{"inputs": [["a"],["a"],["a"],["a"],["a"]]}""", 413, "Validation", "batch size 5 > maximum")]
    [InlineData("/embed", """{}""", 422, "Validation", "inputs is missing")]
    [InlineData("/embed", """{"inputs": null}""", 422, "Validation", "inputs is missing")]
    [InlineData("/embed", """{"inputs": ["a", null]}""", 422, "Validation", "inputs[1] must be a string, not null")]
    [InlineData("/embed", """{"inputs": ["a", 1]}""", 422, "Validation", "inputs[1] must be a string, not a number")]
    [InlineData("/embed", """{"inputs": {"a": 1}}""", 422, "Validation", "inputs must be a string, not an object")]
    [InlineData("/embed", """{"inputs": "a", "normalize": "yes"}""", 422, "Validation", "normalize must be true or false")]
    [InlineData("/embed", """{"inputs": "a", "dimensions": 0}""", 422, "Validation", "dimensions must be a whole number from 1 up")]
    [InlineData("/embed", """{"inputs": "a", "dimensions": 49}""", 422, "Validation", "48 components")]
    [InlineData("/embed", """{"inputs": "a", "prompt_name": "query"}""", 422, "Validation", "no prompt of that name")]
    [InlineData("/embed", """{"inputs": "a", "truncation_direction": "up"}""", 422, "Validation", "Right or Left")]
    [InlineData("/embed", """{"inputs": ["a", "\ud800"]}""", 422, "Validation", "inputs[1] has half of a surrogate pair")]
    [InlineData("/embed", """["a"]""", 422, "Validation", "must be an object")]
    [InlineData("/predict", """{"inputs": [["a", "b", "c"]]}""", 422, "Validation", "inputs[0] must be a text, or one or two")]
    [InlineData("/predict", """{"inputs": [["a"], "b"]}""", 200, "", "")]
    [InlineData("/rerank", """{"query": 3, "texts": ["a"]}""", 422, "Validation", "query must be a string")]
    [InlineData("/decode", """{"ids": [[5], [-1]]}""", 422, "Validation", "ids[1][0] must be a token id")]
    [InlineData("/vertex", "{", 400, "Validation", "JSON")]
    [InlineData("/vertex", "{}", 422, "Validation", "instances is missing")]
    [InlineData("/vertex", """{"instances": {"inputs": "a"}}""", 422, "Validation", "instances must be an array of objects")]
    [InlineData("/vertex", """{"instances": [{"inputs": "a"}, "a"]}""", 422, "Validation", "instances[1] must be an object")]
    [InlineData("/vertex", """{"instances": [{"text": "a"}]}""", 422, "Validation", "instances[0].inputs is missing")]
    [InlineData("/vertex", """{"instances": [{"inputs": ["a", 1]}]}""", 422, "Validation", "instances[0].inputs[1] must be a string")]
    [InlineData("/vertex", """{"instances": [{"inputs": "a"}, {"inputs": []}]}""", 400, "Empty", "`instances[1].inputs` cannot be empty")]
    [InlineData("/vertex", """{"instances": [{"query": "a", "texts": []}]}""", 400, "Empty", "`instances[0].texts` cannot be empty")]
    [InlineData("/vertex", """{"instances": [{"inputs": ["a","a","a","a","a"]}]}""", 413, "Validation", "batch size 5 > maximum")]
    [InlineData("/vertex", """{"instances": [{"inputs": "a", "dimensions": 49}]}""", 422, "Validation", "instances[0].dimensions is 49")]
    [InlineData("/vertex", """{"instances": [{"inputs": "a", "prompt_name": "q"}]}""", 422, "Validation", "no prompt of that name")]
    [InlineData("/vertex", """{"instances": [{"query": 3, "texts": ["a"]}]}""", 422, "Validation", "instances[0].query must be a string")]
    [InlineData("/vertex", """{"instances": [{"inputs": "a", "truncation_direction": "up"}]}""", 422, "Validation",
        "instances[0].truncation_direction must be Right or Left")]
    [InlineData("/models/labels/vertex", """{"instances": [{"inputs": []}]}""", 400, "Empty", "`instances[0].inputs` cannot be empty")]
    [InlineData("/models/labels/vertex", """{"instances": [{"inputs": [["a", "b", "c"]]}]}""", 422, "Validation",
        "instances[0].inputs[0] must be a text, or one or two")]
    [InlineData("/models/vectors/vertex", """{"instances": [{"query": "a", "texts": ["a"]}]}""", 424, "Backend", "does not do this")]
    [InlineData("/models/other/vertex", """{"instances": []}""", 404, "Validation", "there is no such model")]
    public async Task AWrongRequestHasItsError(string path, string request, int status, string type, string part)
    {
        await using var server = await RunningServer.StartAsync(
            options => options.MaxTexts = 4, [("vectors", Encoder), ("labels", Classifier), ("relevance", Reranker)]);
        var reply = await server.PostAsync(path, request);
        if (status == 200) reply.Is(200);
        else Assert.Contains(part, reply.IsTei(status, type), StringComparison.Ordinal);
    }

    /// <summary>Every status that is not the client's mistake, on every route that computes.</summary>
    [Theory]
    [InlineData("/embed", """{"inputs": "a"}""")]
    [InlineData("/embed_all", """{"inputs": "a"}""")]
    [InlineData("/predict", """{"inputs": "a"}""")]
    [InlineData("/rerank", """{"query": "a", "texts": ["a"]}""")]
    [InlineData("/similarity", """{"inputs": {"source_sentence": "a", "sentences": ["b"]}}""")]
    [InlineData("/vertex", """{"instances": [{"inputs": "a"}]}""")]
    public async Task ARequestThatCannotBeAnsweredNowIsToldSo(string path, string request)
    {
        await using var server = await RunningServer.StartAsync(
            options => (options.MaxConcurrentRequests, options.MaxBodyBytes) = (1, 1000),
            [("vectors", Encoder), ("labels", Classifier), ("relevance", Reranker)]);
        (await server.PostAsync(path, request[..^1] + $", \"more\": \"{new string('a', 1000)}\"}}")).IsTei(413, "Validation");
        var services = server.Service<Calls.CallServices>();
        services.Enter();
        var reply = await server.PostAsync(path, request);
        Assert.Equal("Model is overloaded", reply.IsTei(429, "Overloaded"));
        Assert.Equal("1", reply.Headers["Retry-After"]);
        services.Leave();
        (await server.PostAsync(path, request)).Is(200);
        server.Service<Microsoft.Extensions.Hosting.IHostApplicationLifetime>().StopApplication();
        (await server.PostAsync(path, request)).IsTei(503, "Unhealthy");
    }

    [Fact]
    public async Task ABackendThatFailsIs424()
    {
        await using var server = await RunningServer.StartAsync(null, [("labels", Classifier), ("vectors", Encoder)]);
        server.Break("labels", typeof(TextClassifier));
        Assert.Equal("the computation failed", (await server.PostAsync("/predict", """{"inputs": "a"}""")).IsTei(424, "Backend"));
        (await server.PostAsync("/embed_sparse", """{"inputs": "a"}""")).IsTei(424, "Backend");
        (await server.PostAsync("/models/vectors/embed_sparse", """{"inputs": "a"}""")).IsTei(424, "Backend");
        (await server.PostAsync("/models/other/embed_sparse", """{"inputs": "a"}""")).IsTei(404, "Validation");
        (await server.PostAsync("/embed_sparse", "{")).IsTei(400, "Validation");
    }

    [Theory]
    [InlineData(Classifier, """{"inputs": "a"}""", "/predict")]
    [InlineData(Reranker, """{"query": "a", "texts": ["b"]}""", "/rerank")]
    [InlineData(Encoder, """{"inputs": "a"}""", "/embed")]
    public async Task PlatformsAskTheFirstModelForWhatItIsFor(string kind, string request, string path)
    {
        await using var server = await RunningServer.StartAsync(("model", kind));
        var expected = (await server.PostAsync(path, request)).Is(200).ToJsonString();
        foreach (var route in (string[])["/", "/invocations"])
            Assert.Equal(expected, (await server.PostAsync(route, request)).Is(200).ToJsonString());
        Assert.Equal((await server.GetAsync("/openapi.json")).Body, (await server.GetAsync("/api-doc/openapi.json")).Body);
        Assert.Equal("model", (string)(await server.PostAsync("/embeddings", """{"input": "a"}""")).Is(200)["model"]!);
    }

    [Fact]
    public async Task ATextThatIsTooLongIsCutOrRefused()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var text = string.Join(' ', Enumerable.Repeat("film", 100));
        var reply = await server.PostAsync("/predict", $$"""{"inputs": "{{text}}"}""");
        reply.Is(200);
        Assert.Equal("1", reply.Headers["x-truncated-texts"]);
        Assert.Equal("40", reply.Headers["x-compute-tokens"]);
        foreach (var options in (string[])["\"truncate\": false", "\"truncation_direction\": \"left\""])
        {
            reply = await server.PostAsync("/predict", $$"""{"inputs": [["a"], ["{{text}}"]], {{options}}}""");
            var error = reply.IsTei(422, "Validation");
            Assert.StartsWith("inputs[1]: ", error, StringComparison.Ordinal);
            Assert.Contains("more tokens than the 40 that are read", error, StringComparison.Ordinal);
            Assert.DoesNotContain("Options", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AModelOfAnotherKindIsABackendsError()
    {
        await using var server = await RunningServer.StartAsync(("vectors", Encoder), ("labels", Classifier));
        var error = (await server.PostAsync("/models/vectors/predict", """{"inputs": "a"}""")).IsTei(424, "Backend");
        Assert.Contains("'vectors' does not do this", error, StringComparison.Ordinal);
        (await server.PostAsync("/models/labels/rerank", """{"query": "a", "texts": ["b"]}""")).IsTei(424, "Backend");
        (await server.PostAsync("/models/other/predict", """{"inputs": "a"}""")).IsTei(404, "Validation");
    }

    [Fact]
    public async Task AKeyIsNeededWhereThereIsOne()
    {
        await using var server = await RunningServer.StartAsync(options => options.ApiKeys = ["first", "second"], [("vectors", Encoder)]);
        foreach (var given in (string?[])[null, "Bearer", "Bearer firs", "Bearer firsT", "Bearer first2", "Basic first", "first"])
        {
            var reply = await server.PostAsync(
                "/embed", """{"inputs": "a"}""", given is null ? [] : [("Authorization", given)]);
            reply.IsTei(401, "Validation");
            Assert.Equal("Bearer", reply.Headers["WWW-Authenticate"]);
        }

        foreach (var given in (string[])["Bearer first", "bearer second"])
            (await server.PostAsync("/embed", """{"inputs": "a"}""", ("Authorization", given))).Is(200);
        Assert.Equal(200, (await server.GetAsync("/health")).Status);
        Assert.Equal(401, (await server.GetAsync("/metrics")).Status);
        Assert.Equal(401, (await server.GetAsync("/info")).Status);
        Assert.Equal(401, (await server.GetAsync("/v1/models")).Status);
    }

    [Fact]
    public async Task InfoSaysWhatAModelIs()
    {
        await using var server = await RunningServer.StartAsync(("vectors", Encoder), ("labels", Classifier), ("relevance", Reranker));
        var info = (await server.GetAsync("/info")).Is(200);
        Assert.Equal(
            ["model_id", "model_sha", "model_dtype", "served_model_name", "model_type", "heads", "max_concurrent_requests",
                "max_input_length", "max_batch_tokens", "max_batch_requests", "max_client_batch_size", "auto_truncate",
                "tokenization_workers", "version"],
            info.AsObject().Select(member => member.Key));
        Assert.Equal("""{"embedding":{"pooling":"mean"}}""", info["model_type"]!.ToJsonString());
        Assert.Equal(40, (int)info["max_input_length"]!);
        Assert.True((bool)info["auto_truncate"]!);
        info = (await server.GetAsync("/models/labels/info")).Is(200);
        Assert.Equal("LABEL_2", (string)info["model_type"]!["classifier"]!["id2label"]!["2"]!);
        info = (await server.GetAsync("/models/relevance/info")).Is(200);
        Assert.NotNull(info["model_type"]!["reranker"]);
        Assert.Equal("float32", (string)info["model_dtype"]!);
    }

    [Fact]
    public async Task InfoSaysThatAQuantizedModelComputesInInt8()
    {
        await using var server = await RunningServer.StartAsync(
            null, [("labels", Classifier)], options => options.Model = options.Model with { Precision = Precision.Int8 });
        Assert.Equal("int8", (string)(await server.GetAsync("/info")).Is(200)["model_dtype"]!);
    }

    [Fact]
    public async Task ARerankerThatIsNoneSaysWhatItsLabelsAre()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var reply = await server.PostAsync("/rerank", """{"query": "a", "texts": ["b"]}""");
        Assert.Equal(424, reply.Status);
        Assert.Contains(
            "it has the labels LABEL_0, LABEL_1, LABEL_2, and none of them says how relevant", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RawScoresAreLogits()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier), ("relevance", Reranker));
        var scores = (await server.PostAsync("/predict", """{"inputs": "the film"}""")).Is(200).AsArray();
        var logits = (await server.PostAsync("/predict", """{"inputs": "the film", "raw_scores": true}""")).Is(200).AsArray();
        var sum = logits.Sum(item => Math.Exp((float)item!["score"]!));
        foreach (var (score, logit) in scores.Zip(logits))
        {
            Assert.Equal((string)score!["label"]!, (string)logit!["label"]!);
            Assert.Equal(Math.Exp((float)logit["score"]!) / sum, (float)score["score"]!, 5);
        }

        var ranks = (await server.PostAsync("/rerank", """{"query": "a", "texts": ["b", "the film"]}""")).Is(200).AsArray();
        Assert.True((float)ranks[0]!["score"]! >= (float)ranks[1]!["score"]!);
        var raw = await server.PostAsync("/rerank", """{"query": "a", "texts": ["b", "the film"], "raw_scores": true}""");
        logits = raw.Is(200).AsArray();
        Assert.Equal((int)ranks[0]!["index"]!, (int)logits[0]!["index"]!);
        Assert.Equal(1 / (1 + Math.Exp(-(float)logits[0]!["score"]!)), (float)ranks[0]!["score"]!, 5);
    }

    private static List<int> Times(Reply reply) => [.. new[] { "x-tokenization-time", "x-queue-time", "x-inference-time" }
        .Where(reply.Headers.ContainsKey).Select(name => int.Parse(reply.Headers[name]))];

    /// <summary>The same with 0 for each number, "" for each string.</summary>
    private static string Shape(JsonNode? node) => node switch
    {
        null => "null",
        JsonArray array => $"[{string.Join(',', array.Select(Shape))}]",
        JsonObject members => $"{{{string.Join(',', members.Select(member => $"{member.Key}:{Shape(member.Value)}"))}}}",
        _ => node.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.Number => "0",
            System.Text.Json.JsonValueKind.String => "\"\"",
            _ => node.ToJsonString(),
        },
    };
}
