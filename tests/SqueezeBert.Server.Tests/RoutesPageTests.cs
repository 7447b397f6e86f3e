using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SqueezeBert.Server.Tests;

/// <summary>The page at `/docs` has what the OpenAPI document has, and its examples are answered.</summary>
public sealed partial class RoutesPageTests
{
    private const string Classifier = "squeezebert-sequence-classification";

    [Fact]
    public async Task ThePageHasEveryRouteFieldAndStatus()
    {
        await using var server = await RunningServer.StartAsync(options => options.ApiKeys = ["a-key"], [("labels", Classifier)]);
        var page = await server.GetAsync("/docs");
        Assert.Equal((200, "text/html"), (page.Status, page.Type));
        Assert.Equal((await server.GetAsync("/")).Headers["Content-Security-Policy"], page.Headers["Content-Security-Policy"]);
        Assert.Equal("nosniff", page.Headers["X-Content-Type-Options"]);
        var document = (await server.GetAsync("/openapi.json")).Is(200);
        var sections = Sections(page.Body);
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                var section = Assert.Single(sections, section =>
                    section.Contains($">{method.ToUpperInvariant()} ", StringComparison.Ordinal) && HasPath(section, path));
                Assert.Contains((string)operation!["summary"]!, WebUtility.HtmlDecode(section), StringComparison.Ordinal);
                if (path.Contains('{')) Assert.Contains("<code>name</code>", section, StringComparison.Ordinal);
                foreach (var (status, _) in operation["responses"]!.AsObject())
                    Assert.Contains($"<th scope=\"row\">{status}</th>", section, StringComparison.Ordinal);
                foreach (var (field, _) in Schema(document, operation)?["properties"]?.AsObject() ?? [])
                    Assert.Contains($"<code>{field}</code>", section, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>A field has its type in words, what it is without it, and whether it is required.</summary>
    [Fact]
    public async Task AFieldIsDescribed()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var section = WebUtility.HtmlDecode(Sections((await server.GetAsync("/docs")).Body)[0]);
        foreach (var row in (string[])
            ["<code>input</code></th><td>string or array of (string or array of (integer)) or array of (integer)</td><td>Required. A text",
                "<code>encoding_format</code></th><td>one of float, base64</td><td>Without it: \"float\".</td>",
                "<code>dimensions</code></th><td>integer, 1 or more</td><td></td>"])
            Assert.Contains(row, section, StringComparison.Ordinal);
        Assert.Contains("<p>Also <code>/embeddings</code>.</p>", section, StringComparison.Ordinal);
    }

    /// <summary>It asks no other host, has no script and no style of its own, and its links within it lead somewhere.</summary>
    [Fact]
    public async Task ThePageNeedsNothingElse()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        var page = (await server.GetAsync("/docs")).Body;
        Assert.DoesNotMatch("<script|<style| style=| on[a-z]+=", page);
        var links = Link().Matches(page).Select(match => match.Groups[1].Value).ToList();
        var ids = Id().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids.Select(id => $"#{id}").Order(), links.Where(link => link[0] == '#').Order());
        Assert.Equal(["page.css", "./", "openapi.json"], links.Where(link => link[0] != '#'));
        foreach (var link in (string[])["/page.css", "/openapi.json", "/"]) Assert.Equal(200, (await server.GetAsync(link)).Status);
        Assert.Contains("href=\"docs\"", (await server.GetAsync("/")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASlashAtTheEndLeadsToThePage()
    {
        await using var server = await RunningServer.StartAsync(("labels", Classifier));
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
        using var response = await client.GetAsync("/docs/");
        Assert.Equal((HttpStatusCode.MovedPermanently, "../docs"), (response.StatusCode, response.Headers.Location?.ToString()));
        Assert.Equal((await server.GetAsync("/docs")).Body, (await server.GetAsync("/docs/")).Body);
    }

    [Fact]
    public async Task AServerWithoutPagesHasNone()
    {
        await using var server = await RunningServer.StartAsync(options => options.HasPage = false, [("labels", Classifier)]);
        Assert.Equal(404, (await server.GetAsync("/docs")).Status);
        Assert.Equal(200, (await server.GetAsync("/openapi.json")).Status);
    }

    [Theory]
    [InlineData("squeezebert-encoder", "/v1/embeddings", "/embeddings", "/embed", "/embed_all", "/similarity", "/vertex", "/tokenize",
        "/decode", "/", "/invocations", "/models/{name}/features")]
    [InlineData(Classifier, "/predict", "/models/{name}/classify", "/models/{name}/zero-shot", "/vertex", "/")]
    [InlineData("squeezebert-regression", "/rerank")]
    [InlineData("squeezebert-token-classification", "/models/{name}/tag")]
    [InlineData("squeezebert-question-answering", "/models/{name}/answer")]
    [InlineData("squeezebert-masked-lm", "/models/{name}/fill")]
    [InlineData("squeezebert-multiple-choice", "/models/{name}/choose")]
    public async Task EveryExampleIsAnswered(string model, params string[] paths)
    {
        await using var server = await RunningServer.StartAsync(null, [("model", model)], options =>
        {
            // A model for inference has a label for it.
            var file = Path.Combine(options.ModelPath!, "config.json");
            File.WriteAllText(file, File.ReadAllText(file).Replace("LABEL_0", "entailment"));
        });
        var document = (await server.GetAsync("/openapi.json")).Is(200);
        var sections = Sections((await server.GetAsync("/docs")).Body);
        foreach (var path in paths)
        {
            var example = Schema(document, document["paths"]![path]!["post"]!)!["examples"]![0]!;
            (await server.PostAsync(path.Replace("{name}", "model"), example.ToJsonString())).Is(200);
            var section = Assert.Single(
                sections, section => section.Contains(">POST ", StringComparison.Ordinal) && HasPath(section, path));
            var shown = WebUtility.HtmlDecode(Example().Match(section).Groups[1].Value);
            Assert.StartsWith("POST /", shown, StringComparison.Ordinal);
            Assert.Equal(example.ToJsonString(), JsonNode.Parse(shown[shown.IndexOf('{', shown.IndexOf('\n'))..])!.ToJsonString());
        }
    }

    private static List<string> Sections(string page) => [.. page.Split("<section ")[1..]];

    private static bool HasPath(string section, string path) =>
        section.Contains($" {path}</h3>", StringComparison.Ordinal) || section.Contains($"<code>{path}</code>", StringComparison.Ordinal);

    private static JsonNode? Schema(JsonNode document, JsonNode operation)
    {
        var schema = operation["requestBody"]?["content"]?["application/json"]?["schema"];
        return schema?["$ref"] is { } reference ? document["components"]!["schemas"]![((string)reference!).Split('/')[^1]] : schema;
    }

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex("[\" ]id=\"([^\"]*)\"")]
    private static partial Regex Id();

    [GeneratedRegex("<pre [^>]*>(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Example();
}
