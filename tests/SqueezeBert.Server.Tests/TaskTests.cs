using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Extensions;
using SqueezeBert.Models;
using SqueezeBert.Records;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Server.Tests;

/// <summary>The routes of the tasks: records of the tool, how much was read, errors of single items.</summary>
public sealed class TaskTests
{
    private const string Classifier = "squeezebert-sequence-classification";
    private const string Long = "film film film film film film film film film film film film film film film film film film film film " +
        "film film film film film film film film film film film film film film film film film film film film film film film film";

    [Fact]
    public async Task EachTaskGivesTheRecordsOfTheTool()
    {
        await using var server = await RunningServer.StartAsync(
            ("classifier", Classifier), ("tagger", "squeezebert-token-classification"), ("answerer", "squeezebert-question-answering"),
            ("filler", "squeezebert-masked-lm"), ("chooser", "squeezebert-multiple-choice"), ("encoder", "squeezebert-encoder"));
        await IsAsync("/models/classifier/classify", """{"text": "the film", "pair": "was good", "top": 2}""", Classifier,
            folder => TextClassifier.Load(folder),
            model => Record(AnswerRecords.Of(model.Classify("the film", "was good"), 2, false)));
        await IsAsync("/models/classifier/classify", $$"""{"text": "{{Long}}", "long_text": "windows", "max_length": 20}""", Classifier,
            folder => TextClassifier.Load(folder), model => Record(AnswerRecords.Of(
                model.Classify(Long, new ReadingOptions { MaxLength = 20, LongText = LongText.Windows }), null, true)));
        await IsAsync("/models/tagger/tag", """{"text": "the film was good", "aggregation": "average"}""",
            "squeezebert-token-classification",
            folder => TokenClassifier.Load(folder, new TokenClassifierOptions { Aggregation = EntityAggregation.Average }),
            model => Record(AnswerRecords.Of(model.Classify("the film was good"))));
        await IsAsync("/models/answerer/answer", """{"question": "was it good?", "context": "the film was very good", "top": 3}""",
            "squeezebert-question-answering", folder => QuestionAnswerer.Load(folder),
            model => Record(AnswerRecords.Of(model.Answer("was it good?", "the film was very good"), 3)));
        await IsAsync("/models/answerer/answer",
            """{"question": "was it?", "context": "the film was", "no_answer": true, "threshold": -100, "max_answer_tokens": 2}""",
            "squeezebert-question-answering",
            folder => QuestionAnswerer.Load(
                folder, new QuestionAnswererOptions { AllowNoAnswer = true, NoAnswerThreshold = -100, MaxAnswerTokens = 2 }),
            model => Record(AnswerRecords.Of(model.Answer("was it?", "the film was"), null)));
        await IsAsync("/models/filler/fill", """{"text": "the [MASK] was good", "top": 3}""", "squeezebert-masked-lm",
            folder => MaskFiller.Load(folder, new MaskFillerOptions { Top = 3 }),
            model => Record(AnswerRecords.Of(model.Fill("the [MASK] was good"), false)));
        await IsAsync("/models/filler/fill", """{"text": "the [MASK] was good", "targets": ["film", "good"]}""", "squeezebert-masked-lm",
            folder => MaskFiller.Load(folder),
            model => Record(AnswerRecords.Of(model.Fill("the [MASK] was good", ["film", "good"]), false)));
        await IsAsync("/models/chooser/choose", """{"prompt": "the film was", "choices": ["good", "bad"]}""",
            "squeezebert-multiple-choice", folder => ChoiceSelector.Load(folder),
            model => Record(AnswerRecords.Of(model.Choose("the film was", ["good", "bad"]), false)));
        await IsAsync("/models/encoder/features", """{"text": "the film", "layer": 1}""", "squeezebert-encoder",
            folder => FeatureExtractor.Load(folder, new FeatureExtractorOptions { Layer = 1 }),
            model => Record(AnswerRecords.Of(model.Extract("the film"), model.Tokenizer, false)));

        async Task IsAsync<T>(string path, string request, string kind, Func<string, T> load, Func<T, string> expected)
            where T : TextPipeline
        {
            using var folder = new ClassifierFolder(kind);
            using var model = load(folder.Path);
            var reply = await server.PostAsync(path, request);
            reply.Is(200);

            // Letter by letter, and how much was read behind it.
            var record = expected(model);
            Assert.StartsWith(record[..^1] + ",\"token_count\":", reply.Body, StringComparison.Ordinal);
            Assert.Contains("\"characters_read\":", reply.Body[(record.Length - 1)..], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ARequestNamesTheHeadThatAnswers()
    {
        await using var server = await RunningServer.StartAsync(null, [], services: services =>
            services.AddKeyedSqueezeBert("assistant", options => options.ModelPath = AssistantModels.English));
        foreach (var head in (string[])["home-intent", "everyday"])
        {
            using var model = TextClassifier.Load(AssistantModels.English, new TextClassifierOptions { Head = head });
            var answer = (await server.PostAsync(
                "/models/assistant/classify", $$"""{"text": "play some jazz", "head": "{{head}}", "top": 1}""")).Is(200);
            var expected = model.Classify("play some jazz");
            Assert.Equal((expected.Label, expected.Score), ((string)answer["label"]!, (float)answer["score"]!));
        }

        using var tagger = TokenClassifier.Load(AssistantModels.English, new TokenClassifierOptions { ForbidImpossibleTags = true });
        var tags = (await server.PostAsync("/models/assistant/tag",
            """{"text": "play blackbird by the beatles", "head": "home-slots", "forbid_impossible_tags": true}""")).Is(200);
        Assert.Equal(
            tagger.Classify("play blackbird by the beatles").Entities.Select(entity => (entity.Label, entity.Score)),
            tags["entities"]!.AsArray().Select(entity => ((string)entity!["label"]!, (float)entity["score"]!)));

        var error = (await server.PostAsync("/models/assistant/classify", """{"text": "a"}""")).IsProblem(404, "unsupported");
        Assert.Contains("it has the heads home-intent, home-slots, everyday; name one in the field head", error, StringComparison.Ordinal);
        foreach (var head in (string[])["home-slots", "away"])
        {
            error = (await server.PostAsync("/models/assistant/classify", $$"""{"text": "a", "head": "{{head}}"}"""))
                .IsProblem(404, "unsupported");
            Assert.Contains($"no head '{head}' for this task", error, StringComparison.Ordinal);
            Assert.DoesNotContain(AssistantModels.English, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ZeroShotTakesLabelsOfTheClients()
    {
        await using var server = await RunningServer.StartAsync(("nli", Classifier));
        using var folder = new ClassifierFolder(Classifier);
        using var classifier = ZeroShotClassifier.Load(folder.Path, new ZeroShotClassifierOptions
        {
            EntailmentLabel = "LABEL_2",
            HypothesisTemplate = "the film was {}",
        });
        var expected = classifier.Classify("a film", ["good", "bad"]);
        var reply = await server.PostAsync("/models/nli/zero-shot", """
            {"inputs": ["a film"], "labels": ["good", "bad"], "multi_label": false, "template": "the film was {}", "entailment": "LABEL_2"}
            """);
        var result = reply.Is(200)["results"]![0]!;
        Assert.Equal(expected.Label, (string)result["label"]!);
        Assert.Equal(expected.Score, (float)result["score"]!);
        var wrong = await server.PostAsync(
            "/models/nli/zero-shot", """{"text": "a", "labels": ["a"], "template": "none", "entailment": "LABEL_2"}""");
        var error = wrong.IsProblem(422, "invalid");
        Assert.Contains("has no {} for the label", error, StringComparison.Ordinal);
        (await server.PostAsync("/models/nli/zero-shot", """{"text": "a", "labels": ["a"]}""")).IsProblem(404, "unsupported");
        wrong = await server.PostAsync(
            "/models/nli/zero-shot", """{"text": "a", "labels": ["a", "b"], "multi_label": true, "entailment": "LABEL_2"}""");
        wrong.IsProblem(404, "unsupported");
        (await server.PostAsync("/models/nli/zero-shot", """{"text": "a", "entailment": "LABEL_2"}""")).IsProblem(422, "invalid");
    }

    [Fact]
    public async Task AnItemThatIsWrongHasItsErrorBesideTheAnswersOfTheOthers()
    {
        await using var server = await RunningServer.StartAsync(options => options.MaxCharacters = 300, [("labels", Classifier)]);
        var alone = (await server.PostAsync("/models/labels/classify", """{"text": "the film"}""")).Is(200)["labels"]!.ToJsonString();
        var reply = await server.PostAsync("/models/labels/classify", $$"""
            {"inputs": ["the film", null, 7, {"text": "{{Long}}"}, {"text": "a", "part": "b"}, {"pair": "a"}, "\udc00",
            "{{new string('a', 301)}}", ["a"], {"text": "the film"}], "long_text": "error"}
            """);
        var json = reply.Is(200);
        var results = json["results"]!.AsArray();
        Assert.Equal(alone, results[0]!["labels"]!.ToJsonString());
        Assert.Equal(alone, results[9]!["labels"]!.ToJsonString());
        (int, string)[] errors =
        [
            (422, "inputs[1] must be a string or an object"), (422, "inputs[2] must be a string or an object"),
            (422, "more tokens than the 40 that are read"), (422, "there is no field 'part' here; there are pair, text"),
            (422, "inputs[5].text is missing"), (422, "inputs[6] has half of a surrogate pair"),
            (413, "inputs[7] has 301 characters; 300 are taken"), (422, "inputs[8] must be a string or an object"),
        ];
        for (var i = 0; i < errors.Length; i++)
        {
            var error = results[i + 1]!["error"]!;
            Assert.Equal(errors[i].Item1, (int)error["status"]!);
            Assert.Contains(errors[i].Item2, (string)error["detail"]!, StringComparison.Ordinal);
        }

        Assert.Equal(16, (int)json["characters_read"]!);
        Assert.Equal(0, (int)json["truncated_texts"]!);
    }

    [Fact]
    public async Task ASingleItemThatIsWrongIsAProblem()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        const string Path = "/models/labels/classify";
        (await server.PostAsync(Path, """{"text": null}""")).IsProblem(422, "invalid");
        (await server.PostAsync(Path, """{"text": "a", "topp": 1}""")).IsProblem(422, "invalid");
        (await server.PostAsync(Path, """{"text": "a", "top": 0}""")).IsProblem(422, "invalid");
        (await server.PostAsync(Path, """{"text": "a", "long_text": "cut"}""")).IsProblem(422, "invalid");
        (await server.PostAsync(Path, """{"text": "a", "max_length": 41}""")).IsProblem(422, "invalid");
        (await server.PostAsync(Path, """{"inputs": []}""")).IsProblem(400, "empty");
        (await server.PostAsync(Path, """{"inputs": "a"}""")).IsProblem(422, "invalid");
        (await server.PostAsync(Path, """{"inputs": ["a"], "text": "a"}""")).IsProblem(422, "invalid");
        (await server.PostAsync("/models/labels/tag", """{"text": "a"}""")).IsProblem(404, "unsupported");
        Assert.Contains("there are labels",
            (await server.PostAsync("/models/other/classify", """{"text": "a"}""")).IsProblem(404, "not_found"), StringComparison.Ordinal);
        Assert.Equal(404, (await server.PostAsync("/models/labels/sing", """{"text": "a"}""")).Status);
        Assert.Equal(405, (await server.GetAsync(Path)).Status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/v1/models")]
    [InlineData("/info")]
    [InlineData("/openapi.json")]
    public async Task WhatCanBeGotCanBeAskedForItsHeadersAlone(string path)
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal((await server.GetAsync(path)).Type, response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AnAnswerHasATagOfModelAndText()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier), ("same", Classifier));
        const string Text = """{"text": "the film"}""";
        var first = await server.PostAsync("/models/labels/classify", Text);
        var tag = first.Headers["ETag"];
        Assert.Equal(tag, (await server.PostAsync("/models/labels/classify", Text)).Headers["ETag"]);
        Assert.NotEqual(tag, (await server.PostAsync("/models/labels/classify", """{"text": "the films"}""")).Headers["ETag"]);
        var known = await server.PostAsync("/models/labels/classify", Text, ("If-None-Match", $"\"other\", {tag}"));
        known.IsProblem(412, "known");
        Assert.Equal(tag, known.Headers["ETag"]);
        Assert.Equal(200, (await server.PostAsync("/models/labels/classify", Text, ("If-None-Match", "\"other\""))).Status);
        Assert.DoesNotContain("ETag", (await server.PostAsync("/models/labels/classify", """{"text": 1}""")).Headers.Keys);
        (string, string)[] others = [("/predict", """{"inputs": "a"}"""), ("/v1/embeddings", """{"input": "a", "model": "same"}""")];
        foreach (var (path, body) in others)
        {
            tag = (await server.PostAsync(path, body)).Headers["ETag"];
            Assert.Equal(412, (await server.PostAsync(path, body, ("If-None-Match", tag))).Status);
        }
    }

    [Fact]
    public async Task AStreamOfLinesIsAnsweredLineByLine()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        using var client = new RawClient(server.Address);
        await client.SendAsync(
            "POST /models/labels/classify?top=1&max_length=30 HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n" +
            "Transfer-Encoding: chunked\r\n\r\n");
        var received = new StringBuilder();
        await SendAsync("\"the film\"\n");

        // The first answer is there before the next line is sent.
        await ReceiveAsync(() => Lines().Count == 1);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", received.ToString(), StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/x-ndjson\r\n", received.ToString(), StringComparison.Ordinal);
        var first = JsonNode.Parse(Lines()[0])!;
        Assert.Single(first["labels"]!.AsArray());
        await SendAsync("{\"text\": \"the fi");
        await SendAsync("lm\"}\r\n\nnull\n{\"text\":\n" + string.Concat(Enumerable.Repeat("\"the film\"\n", 200)) + "\"the film\"");
        await client.SendAsync("0\r\n\r\n");
        await ReceiveAsync(() => received.ToString().EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
        var answers = Lines().ConvertAll(line => JsonNode.Parse(line)!);
        Assert.Equal(205, answers.Count);
        Assert.Equal(422, (int)answers[2]["error"]!["status"]!);
        Assert.Equal(400, (int)answers[3]["error"]!["status"]!);
        foreach (var answer in answers.Where((_, i) => i is not (2 or 3))) Assert.Equal(first.ToJsonString(), answer.ToJsonString());
        (await server.PostAsync("/models/labels/classify?topp=1", new StringContent("\"a\"", Encoding.UTF8, "application/x-ndjson")))
            .IsProblem(422, "invalid");

        Task SendAsync(string piece) => client.SendAsync($"{piece.Length:x}\r\n{piece}\r\n");

        async Task ReceiveAsync(Func<bool> isEnough)
        {
            while (!isEnough())
            {
                var piece = await client.ReadAsync();
                Assert.NotEmpty(piece);
                received.Append(piece);
            }
        }

        // Each line is a chunk of its own.
        List<string> Lines() =>
            [.. received.ToString().Split("\r\n").Where(part => part.StartsWith('{')).Select(part => part.TrimEnd('\n'))];
    }

    private static string Record(IEnumerable<(string Name, JsonNode? Value)> values)
    {
        using var stream = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(
            stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            new JsonObject(values.Select(value => KeyValuePair.Create(value.Name, value.Value))).WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
