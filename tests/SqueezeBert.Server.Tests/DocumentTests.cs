using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SqueezeBert.Extensions;
using SqueezeBert.Kernels;
using SqueezeBert.Models;

namespace SqueezeBert.Server.Tests;

/// <summary>
/// docs/server.md is run as it stands there, and the OpenAPI document is compared with the routes. A block "console" has curl commands and
/// what they print with the models in the box. A block "json MODEL ROUTE" has a request and a response of a model that is not there: a tiny
/// one stands in for it, and the responses must be of the same shape.
/// </summary>
public sealed partial class DocumentTests
{
    private static readonly Dictionary<string, string> StandIns = new(StringComparer.Ordinal)
    {
        ["relevance"] = "squeezebert-regression",
        ["vectors"] = "squeezebert-encoder",
        ["nli"] = "squeezebert-sequence-classification",
        ["ner"] = "squeezebert-token-classification",
        ["squad"] = "squeezebert-question-answering",
        ["words"] = "squeezebert-masked-lm",
        ["endings"] = "squeezebert-multiple-choice",
    };

    private static string Document => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", "server.md"));

    [Fact]
    public async Task EveryCommandPrintsWhatTheDocumentSays()
    {
        Assert.SkipUnless(InstructionSets.HasFusedMultiplyAdd, "the numbers have other bits on this processor");
        await using var server = await StartAsync();
        var count = 0;
        foreach (Match block in ConsoleBlock().Matches(Document))
        {
            var (before, after) = (block.Groups[1].Value.TrimEnd('\n'), new List<string>());
            foreach (var example in $"\n{before}".Split("\n$ ")[1..])
            {
                var (line, printed) = (example.Split('\n')[0], example[(example.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
                var command = Command().Match(line);
                Assert.True(command.Success, line);
                var (path, json) = (command.Groups[1].Value, command.Groups[6]);
                (string, string)[] headers = command.Groups[2].Success ? [(command.Groups[3].Value, command.Groups[4].Value)] : [];
                var reply = json.Success ? await server.PostAsync(path, json.Value, headers) : await server.GetAsync(path, headers);
                var (expected, actual) = (OfMachine().Replace(printed, ""), OfMachine().Replace(reply.Body.TrimEnd('\n'), ""));
                if (!Rewriting.IsAsked) Assert.Equal($"{line}\n{expected}", $"{line}\n{actual}");
                after.Add($"$ {line}\n{(expected == actual ? printed : reply.Body.TrimEnd('\n'))}");
                count++;
            }

            if (Rewriting.IsAsked) Rewriting.Replace("docs/server.md", before, string.Join('\n', after));
        }

        Assert.True(count >= 15, $"{count} commands");
    }

    [Fact]
    public async Task EveryOtherExampleHasTheShapeThatTheDocumentSays()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match block in JsonBlock().Matches(Document))
        {
            var (name, path) = (block.Groups[1].Value, block.Groups[2].Value);
            await using var server = await RunningServer.StartAsync(null, [(name, StandIns[name])], options =>
            {
                // A model for inference has a label for it.
                var file = Path.Combine(options.ModelPath!, "config.json");
                if (name == "nli") File.WriteAllText(file, File.ReadAllText(file).Replace("LABEL_0", "entailment"));
            });
            var reply = await server.PostAsync(path, block.Groups[3].Value);
            Same(JsonNode.Parse(block.Groups[4].Value), reply.Is(200), $"{path}: {reply.Body}");
            names.Add(name);
        }

        Assert.Equal(StandIns.Keys.Order(), names.Order());
    }

    [Fact]
    public async Task EveryRouteIsInBothDocuments()
    {
        await using var server = await StartAsync();
        var openApi = (await server.GetAsync("/openapi.json")).Is(200);
        Assert.Equal("3.1.0", (string)openApi["openapi"]!);
        var described = openApi["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}"));
        var routes = server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => (
                Method: route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single(method => method != "HEAD"),
                Path: "/" + route.RoutePattern.RawText!.Trim('/')))
            .Where(route => route.Path is not ("/page.css" or "/page.js"))
            .ToList();
        Assert.Equal(routes.Select(route => $"{route.Method} {route.Path}").Order(), described.Order());
        var document = Document;
        Assert.All(routes, route => Assert.Contains(
            route.Path.Split('/').Last(part => !part.StartsWith('{')), document, StringComparison.Ordinal));
    }

    /// <summary>Every name that the document refers to is there, and every name that is there is referred to.</summary>
    [Fact]
    public async Task TheOpenApiDocumentIsWhole()
    {
        await using var server = await StartAsync();
        var text = (await server.GetAsync("/openapi.json")).Body;
        var components = JsonNode.Parse(text)!["components"]!.AsObject();
        var there = components.Where(kind => kind.Key != "securitySchemes")
            .SelectMany(kind => kind.Value!.AsObject().Select(item => $"#/components/{kind.Key}/{item.Key}"));
        var referred = Reference().Matches(text).Select(match => match.Groups[1].Value).Distinct();
        Assert.Equal(there.Order(), referred.Order());
    }

    /// <summary>The members that the document requires are those that answers have.</summary>
    [Fact]
    public async Task AnswersHaveTheMembersThatTheOpenApiDocumentSays()
    {
        await using var server = await StartAsync();
        var schemas = (await server.GetAsync("/openapi.json")).Is(200)["components"]!["schemas"]!;
        Required("ClassifyAnswer", (await server.PostAsync("/models/sentiment/classify", """{"text": "a"}""")).Is(200));
        Required("FeaturesAnswer", (await server.PostAsync("/models/sentiment/features", """{"text": "a"}""")).Is(200));
        Required("EmbeddingsResponse", (await server.PostAsync("/v1/embeddings", """{"input": "a"}""")).Is(200));
        Required("Models", (await server.GetAsync("/v1/models")).Is(200));
        Required("Info", (await server.GetAsync("/info")).Is(200));
        Required("Problem", (await server.PostAsync("/models/sentiment/tag", """{"text": "a"}""")).Is(404));
        Required("InferenceError", (await server.PostAsync("/embed", "{}")).Is(422));
        Required("OpenAIError", (await server.PostAsync("/v1/embeddings", "{}")).Is(422));

        void Required(string schema, JsonNode answer)
        {
            var required = schemas[schema]!["required"]!.AsArray().Select(name => (string)name!);
            var members = answer.AsObject().Select(member => member.Key).ToHashSet();
            Assert.Subset(members, required.ToHashSet());
            Assert.Subset(schemas[schema]!["properties"]!.AsObject().Select(member => member.Key).ToHashSet(), members);
        }
    }

    private static Task<RunningServer> StartAsync() => RunningServer.StartAsync(null, [], null,
        services => services
            .AddKeyedSqueezeBert("sentiment", options => options.ModelPath = PretrainedModels.Sentiment)
            .AddKeyedSqueezeBert("embeddings", options => options.ModelPath = EmbeddingModels.English)
            .AddKeyedSqueezeBert("assistant", options => options.ModelPath = AssistantModels.English));

    /// <summary>Objects have the same members, and arrays items of the same kind, of which there may be more or fewer.</summary>
    private static void Same(JsonNode? expected, JsonNode? actual, string place)
    {
        if (expected is null || actual is null) return;
        Assert.True(expected.GetValueKind() == actual.GetValueKind() || (IsFlag(expected) && IsFlag(actual)), place);
        if (expected is JsonObject members)
        {
            Assert.Equal(members.Select(member => member.Key), actual.AsObject().Select(member => member.Key));
            foreach (var (name, value) in members) Same(value, actual[name], place);
        }
        else if (expected is JsonArray { Count: > 0 } items && actual is JsonArray { Count: > 0 } others)
        {
            Same(items[0], others[0], place);
        }

        static bool IsFlag(JsonNode node) => node.GetValueKind() is JsonValueKind.True or JsonValueKind.False;
    }

    [GeneratedRegex("^```console\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ConsoleBlock();

    [GeneratedRegex("^```json (\\S+) (\\S+)\n(.*?)\n(.*?)\n```", RegexOptions.Multiline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex(@"^curl -s localhost:8080(/\S*)( -H '([^:]+): ([^']+)')?( --json '(.*)')?$")]
    private static partial Regex Command();

    /// <summary>What other machines and versions answer.</summary>
    [GeneratedRegex("\"tokenization_workers\":[0-9]+,\"version\":\"[^\"]+\"")]
    private static partial Regex OfMachine();

    [GeneratedRegex("\"\\$ref\": ?\"([^\"]+)\"")]
    private static partial Regex Reference();
}
