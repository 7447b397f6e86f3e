using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace SqueezeBert.Server.Hosting;

/// <summary>
/// The page at `/docs`: the OpenAPI document as plain HTML, for people. It needs no script. Addresses that do the same are one section.
/// </summary>
internal sealed class RoutesPage
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private static readonly JsonSerializerOptions Indented = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    private readonly JsonObject _document;
    private readonly StringBuilder _html = new();

    private RoutesPage(byte[] document) => _document = JsonNode.Parse(document)!.AsObject();

    /// <param name="document">The OpenAPI document.</param>
    /// <returns>The page in UTF-8.</returns>
    public static byte[] Of(byte[] document) => Encoding.UTF8.GetBytes(new RoutesPage(document).Write());

    private string Write()
    {
        var families = Sections().GroupBy(section => Text(section.Operation["tags"]![0])).ToList();
        _html.Append(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>SqueezeBERT: the routes</title>
            <link rel="stylesheet" href="page.css">
            </head>
            <body class="routes">
            <header>
            <h1>The routes</h1>
            <p><a href="./">Try the models</a> or read <a href="openapi.json">openapi.json</a>, which this page is made of.</p>
            </header>
            <nav aria-label="Routes">

            """);
        foreach (var family in families)
        {
            _html.Append($"<h2>{family.Key}</h2>\n<ul>\n");
            foreach (var section in family) _html.Append($"<li><a href=\"#{section.Id}\">{section.Title}</a></li>\n");
            _html.Append("</ul>\n");
        }

        _html.Append("</nav>\n<main>\n");
        foreach (var family in families)
        {
            _html.Append($"<h2>{family.Key}</h2>\n");
            foreach (var section in family) Write(section);
        }

        return _html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    /// <summary>The operations in the order of the document. Those of the same method, summary and body are one.</summary>
    private IEnumerable<RouteSection> Sections() => _document["paths"]!.AsObject()
        .SelectMany(path => path.Value!.AsObject().Select(method => (Path: path.Key, Method: method.Key, Operation: method.Value!)))
        .GroupBy(route => (route.Method, Text(route.Operation["summary"]), route.Operation["requestBody"]?.ToJsonString()))
        .Select(same => new RouteSection(
            same.Key.Method.ToUpperInvariant(), [.. same.Select(route => route.Path)], same.Last().Operation.AsObject()));

    private void Write(RouteSection section)
    {
        _html.Append($"<section aria-labelledby=\"{section.Id}\">\n<h3 id=\"{section.Id}\">{section.Title}</h3>\n");
        _html.Append($"<p>{Text(section.Operation["summary"])}</p>\n");
        if (section.Paths.Count > 1)
        {
            var others = section.Paths.Skip(1).Select(path => $"<code>{Encoder.Encode(path)}</code>");
            _html.Append($"<p>Also {string.Join(", ", others)}.</p>\n");
        }

        if (section.Operation["parameters"] is JsonArray parameters)
            Table("Parameters of the address", ["Name", "Type", "Meaning"], parameters.Select(item => Parameter(Resolved(item!))));
        var schema = section.Operation["requestBody"]?["content"]?["application/json"]?["schema"];
        if (schema is not null) WriteBody(section, Resolved(schema));
        Table("Answers", ["Status", "Type", "Meaning"], section.Operation["responses"]!.AsObject().Select(Answer));
        _html.Append("</section>\n");
    }

    private void WriteBody(RouteSection section, JsonObject schema)
    {
        if (schema["examples"]?[0] is { } example)
        {
            var label = Encoder.Encode($"Example of {section.Method} {section.Paths[0]}");
            var text = $"{section.Method} {section.Paths[0]}\nContent-Type: application/json\n\n{example.ToJsonString(Indented)}";
            var lines = Encoder.Encode(text).Replace("&#xA;", "\n", StringComparison.Ordinal);
            _html.Append($"<pre tabindex=\"0\" role=\"region\" aria-label=\"{label}\">{lines}</pre>\n");
        }

        if (schema["properties"] is not JsonObject fields) return;
        var required = schema["required"] is JsonArray names ? names.Select(name => (string)name!).ToHashSet() : [];
        Table(
            "Fields of the body", ["Name", "Type", "Meaning"],
            fields.Select(field => Field(field.Key, field.Value!.AsObject(), required)));
    }

    private static string[] Field(string name, JsonObject schema, HashSet<string> required)
    {
        var notes = new List<string>();
        if (required.Contains(name)) notes.Add("Required.");
        if (schema["default"] is { } value) notes.Add($"Without it: {value.ToJsonString()}.");
        if (schema["description"] is { } description) notes.Add((string)description!);
        return [$"<code>{Encoder.Encode(name)}</code>", Encoder.Encode(TypeOf(schema)), Encoder.Encode(string.Join(' ', notes))];
    }

    private static string[] Parameter(JsonObject parameter) =>
    [
        $"<code>{Text(parameter["name"])}</code>", Encoder.Encode(TypeOf(parameter["schema"]!.AsObject())),
        Text(parameter["description"]),
    ];

    private string[] Answer(KeyValuePair<string, JsonNode?> response)
    {
        var answer = Resolved(response.Value!);
        var types = answer["content"] is JsonObject content ? string.Join(", ", content.Select(type => type.Key)) : "";
        return [Encoder.Encode(response.Key), Encoder.Encode(types), Text(answer["description"])];
    }

    /// <summary>The cells are HTML. The first of a row is its heading.</summary>
    private void Table(string caption, IReadOnlyList<string> columns, IEnumerable<string[]> rows)
    {
        _html.Append($"<table>\n<caption>{caption}</caption>\n<thead><tr>");
        foreach (var column in columns) _html.Append($"<th scope=\"col\">{column}</th>");
        _html.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in rows)
            _html.Append($"<tr><th scope=\"row\">{row[0]}</th><td>{row[1]}</td><td>{row[2]}</td></tr>\n");
        _html.Append("</tbody>\n</table>\n");
    }

    /// <summary>A schema in a few words.</summary>
    private static string TypeOf(JsonObject schema)
    {
        if (schema["$ref"] is { } reference) return $"{((string)reference!).Split('/')[^1]} object";
        if (schema["enum"] is JsonArray values) return $"one of {string.Join(", ", values.Select(value => (string)value!))}";
        if (schema["anyOf"] is JsonArray kinds)
            return string.Join(" or ", kinds.Select(kind => TypeOf(kind!.AsObject())).Distinct(StringComparer.Ordinal));
        var type = schema["type"] switch
        {
            JsonArray several => string.Join(" or ", several.Select(one => (string)one!)),
            { } one => (string)one!,
            null => "any",
        };
        if (type == "array" && schema["items"] is JsonObject items) return $"array of ({TypeOf(items)})";
        return schema["minimum"] is { } minimum ? $"{type}, {minimum.ToJsonString()} or more" : type;
    }

    /// <summary>The object itself, or the component that it refers to.</summary>
    private JsonObject Resolved(JsonNode node)
    {
        if (node["$ref"] is not { } reference) return node.AsObject();
        var parts = ((string)reference!).Split('/');
        return _document["components"]![parts[^2]]![parts[^1]]!.AsObject();
    }

    private static string Text(JsonNode? node) => Encoder.Encode((string?)node ?? "");

    /// <summary>Routes that do the same.</summary>
    /// <param name="Method">Their method.</param>
    /// <param name="Paths">Their addresses.</param>
    /// <param name="Operation">The last one's description, which has the most statuses.</param>
    private sealed record RouteSection(string Method, IReadOnlyList<string> Paths, JsonObject Operation)
    {
        public string Title => $"{Method} {Encoder.Encode(Paths[0])}";

        /// <summary>An anchor of letters, digits and '-'.</summary>
        public string Id => string.Concat($"{Method}{Paths[0]}".ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
    }
}
