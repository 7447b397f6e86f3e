using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SqueezeBert.Models;

namespace SqueezeBert.Cli.Tests;

/// <summary>`serve` as a process: it answers, says what is wrong with its options, and answers what it has taken before it ends.</summary>
public sealed class ServeTests
{
    [Fact]
    public async Task TheModelsInTheBoxAreServedWithoutOptions()
    {
        await using var server = await ServingTool.StartAsync();
        var models = JsonNode.Parse(await server.Client.GetStringAsync("/v1/models"))!["data"]!.AsArray();
        Assert.Equal(["sentiment", "embeddings", "assistant"], models.Select(model => (string)model!["id"]!));
        using var classifier = TextClassifier.Load(PretrainedModels.Sentiment);
        var answer = await server.PostAsync("/models/sentiment/classify", """{"text": "Loved it."}""");
        Assert.Equal(classifier.Classify("Loved it.").Score, (float)answer["score"]!);
        using var embedder = TextEmbedder.Load(EmbeddingModels.English, new TextEmbedderOptions { Normalize = true });
        var vector = embedder.Embed("Loved it.").Vector.ToArray();
        answer = await server.PostAsync("/v1/embeddings", """{"input": "Loved it."}""");
        Assert.Equal("embeddings", (string)answer["model"]!);
        Assert.Equal(vector, answer["data"]![0]!["embedding"]!.AsArray().Select(value => (float)value!));
        answer = await server.PostAsync("/embed", """{"inputs": "Loved it."}""");
        Assert.Equal(vector, answer[0]!.AsArray().Select(value => (float)value!));
        var info = JsonNode.Parse(await server.Client.GetStringAsync("/models/assistant/info"))!;
        using var assistant = InferenceModel.Load(AssistantModels.English);
        Assert.Equal(assistant.Fingerprint, (string)info["model_sha"]!);
        Assert.Contains("<h1>", await server.Client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("te_request_count", await server.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(
            ["sentiment", "embeddings", "assistant"],
            Regex.Matches(server.Log, "Model ([a-z]+) was loaded").Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task ModelsHaveTheNamesAndTheServerTheLimitsOfItsOptions()
    {
        using var tool = new TestTool();
        using var other = new TestTool("squeezebert-encoder");
        var keys = tool.Write("keys.txt", "# of Ada\nfirst-key\n\nsecond-key\n");
        await using var server = await ServingTool.StartAsync(
            "--model", $"labels={tool.Model}", "--model", $"vectors={other.Model}", "--api-key-file", keys, "--max-texts", "2",
            "--long-text", "error", "--max-length", "10", "--queue", "1000", "--batch-tokens", "64", "--threads", "1", "--share",
            "labels=3", "--share", "vectors=0.5");
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync("/metrics")).StatusCode);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "second-key");
        var models = JsonNode.Parse(await server.Client.GetStringAsync("/v1/models"))!["data"]!.AsArray();
        Assert.Equal(["labels", "vectors"], models.Select(model => (string)model!["id"]!));
        var info = JsonNode.Parse(await server.Client.GetStringAsync("/models/labels/info"))!;
        Assert.Equal((2, 10, 64), ((int)info["max_client_batch_size"]!, (int)info["max_input_length"]!, (int)info["max_batch_tokens"]!));
        Assert.Equal(413, await server.StatusAsync("/models/labels/classify", """{"inputs": ["a", "a", "a"]}"""));
        Assert.Equal(422, await server.StatusAsync("/models/labels/classify", """{"text": "a a a a a a a a a a a a"}"""));
        Assert.Equal(200, await server.StatusAsync("/models/vectors/embed", """{"inputs": "a"}"""));
    }

    [Fact]
    public async Task AModelWithoutANameHasThatOfItsFolder()
    {
        using var tool = new TestTool();
        var owner = Directory.CreateDirectory(Path.Combine(tool.Folder, "x@y")).FullName;
        foreach (var name in (string[])["mm", "here"]) Directory.CreateSymbolicLink(Path.Combine(owner, name), tool.Model);
        await using var server = await ServingTool.StartAsync(
            "--model", Path.Combine(owner, "mm"), "--model", Path.Combine(owner, "here", "."));
        var models = JsonNode.Parse(await server.Client.GetStringAsync("/v1/models"))!["data"]!.AsArray();
        Assert.Equal(["mm", "here"], models.Select(model => (string)model!["id"]!));
    }

    [Fact]
    public async Task EveryRequestThatWasTakenIsAnsweredAfterATermination()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no signals");
        await using var server = await ServingTool.StartAsync("--max-texts", "1000", "--queue", "100000000");
        var text = string.Join(' ', Enumerable.Repeat("It was a long film.", 20));
        var many = $$"""{"inputs": [{{string.Join(',', Enumerable.Repeat($"\"{text}\"", 60))}}]}""";
        var asked = Enumerable.Range(0, 6).Select(_ => server.PostAsync("/models/sentiment/classify", many)).ToList();
        const string Taken = "te_queue_size{model=\"sentiment\"} 6\n";
        while (!(await server.Client.GetStringAsync("/metrics")).Contains(Taken, StringComparison.Ordinal)) await Task.Delay(5);
        server.Terminate();
        foreach (var answer in await Task.WhenAll(asked)) Assert.Equal(60, answer["results"]!.AsArray().Count);
        Assert.Equal(0, await server.EndAsync());
        Assert.DoesNotContain("It was a long film", server.Log, StringComparison.Ordinal);
    }

    /// <summary>The hidden states of a text that is read whole take more than the process may have; what others need is there.</summary>
    [Fact]
    public async Task ARequestThatNeedsMoreMemoryThanThereIsFailsAlone()
    {
        const string Limit = "0x7000000";
        await using var server = await ServingTool.StartAsync(
            [("DOTNET_GCHeapHardLimit", Limit)], "--max-length", "256", "--queue", "100000000");
        var text = string.Join(' ', Enumerable.Repeat("film", 40_000));
        var large = $$"""{"text": "{{text}}", "long_text": "windows"}""";
        var (asked, others) = (server.StatusAsync("/models/sentiment/features", large), 0);
        while (!asked.IsCompleted)
        {
            Assert.Equal(200, await server.StatusAsync("/models/sentiment/classify", """{"text": "Loved it."}"""));
            others++;
        }

        Assert.Equal(500, await asked);
        Assert.True(others > 0, "nothing was asked meanwhile");
        Assert.Equal(200, await server.StatusAsync("/models/sentiment/features", """{"text": "Loved it."}"""));
        Assert.Contains("OutOfMemoryException", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongOptionIsNamed()
    {
        using var tool = new TestTool();
        var empty = tool.Write("empty.txt", "# no key\n");
        foreach (var (arguments, part) in new (string[], string)[]
        {
            (["--urls", "https://127.0.0.1:0"], "--urls takes addresses such as http://127.0.0.1:8080"),
            (["--urls", "here"], "not 'here'"),
            (["--urls", "http://user@127.0.0.1:0"], "not 'http://user@127.0.0.1:0'"),
            (["--urls", "http://127.0.0.1:0?x=1", "--management-port", "9090"], "not 'http://127.0.0.1:0?x=1'"),
            (["--urls", ";"], "--urls names no address"),
            (["--model", "..=" + tool.Model], "'..' is no name for addresses"),
            (["--api-key-file", tool.Folder], "is a folder; give the file"),
            (["--model", "a/b=" + tool.Model], "'a/b' is no name for addresses"),
            (["--model", "a=" + tool.Model, "--model", "a=" + tool.Model], "two models 'a'"),
            (["--model", "a="], "names no folder"),
            (["--api-key-file", empty], "has no key"),
            (["--long-text", "cut"], "--long-text is one of truncate, windows, error"),
            (["--share", "sentiment"], "--share takes NAME=N"),
            (["--share", "sentiment=0"], "--share takes NAME=N"),
            (["--share", "other=2"], "names 'other', which no --model does"),
            (["--queue", "0"], "--queue takes a number from 1 up"),
        })
        {
            Assert.Contains(part, TestTool.Fails(2, ["serve", .. arguments]), StringComparison.Ordinal);
        }

        Assert.Contains("no-such-folder", TestTool.Fails(1, "serve", "--model", "a=no-such-folder"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AModelThatCannotBeLoadedEndsTheServer(bool isSecond)
    {
        using var tool = new TestTool();
        File.WriteAllText(Path.Combine(tool.Model, "config.json"), "{");
        using var process = ToolRun.Start(
            ["serve", "--urls", "http://127.0.0.1:0", .. isSecond ? (string[])["--model", "right=" + PretrainedModels.Sentiment] : [],
                "--model", "broken=" + tool.Model]);
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.StartsWith("squeezebert serve: ", (await error).TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
        Assert.Contains("config.json", await error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATerminationWhileTheModelsLoadIsNoError()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no signals");
        await using var server = await ServingTool.StartAsync([], isReady: false);
        server.Terminate();
        Assert.Equal(0, await server.EndAsync());
        Assert.DoesNotContain("squeezebert serve: ", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAddressThatIsTakenIsAnError()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        using var process = ToolRun.Start("serve", "--urls", address);
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("address already in use", error, StringComparison.Ordinal);

        // The tool says it, and the host does not say it once more with the places in its code.
        Assert.DoesNotContain("Hosting failed to start", error, StringComparison.Ordinal);
    }

    /// <summary>The tool while it serves.</summary>
    private sealed class ServingTool : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _log = new();

        private ServingTool(Process process)
        {
            _process = process;
            process.ErrorDataReceived += (_, line) =>
            {
                lock (_log) _log.AppendLine(line.Data);
            };
            process.BeginErrorReadLine();
        }

        public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(3) };

        public string Log
        {
            get
            {
                lock (_log) return _log.ToString();
            }
        }

        public static Task<ServingTool> StartAsync(params string[] arguments) => StartAsync([], arguments);

        public static Task<ServingTool> StartAsync((string Name, string Value)[] environment, params string[] arguments) =>
            StartAsync(environment, isReady: true, arguments);

        /// <summary>Starts it, and waits until it listens or until it is ready.</summary>
        public static async Task<ServingTool> StartAsync(
            (string Name, string Value)[] environment, bool isReady, params string[] arguments)
        {
            var tool = new ServingTool(ToolRun.Start(environment, ["serve", "--urls", "http://127.0.0.1:0", .. arguments]));
            var line = await tool._process.StandardOutput.ReadLineAsync();
            Assert.True(line?.StartsWith("listening on http://127.0.0.1:", StringComparison.Ordinal) == true, $"{line} {tool.Log}");
            tool.Client.BaseAddress = new Uri(line!["listening on ".Length..]);
            while (isReady && (await tool.Client.GetAsync("/health")).StatusCode != HttpStatusCode.OK) await Task.Delay(20);
            return tool;
        }

        public async Task<JsonNode> PostAsync(string path, string json)
        {
            using var content = new StringContent(json, Encoding.UTF8, "application/json");
            using var response = await Client.PostAsync(path, content);
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, body);
            return JsonNode.Parse(body)!;
        }

        public async Task<int> StatusAsync(string path, string json)
        {
            using var content = new StringContent(json, Encoding.UTF8, "application/json");
            using var response = await Client.PostAsync(path, content);
            return (int)response.StatusCode;
        }

        public void Terminate()
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
        }

        public async Task<int> EndAsync()
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
            return _process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            if (!_process.HasExited)
            {
                _process.Kill();
                await _process.WaitForExitAsync();
            }

            _process.Dispose();
        }
    }
}
