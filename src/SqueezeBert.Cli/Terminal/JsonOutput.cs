using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Terminal;

/// <summary>JSON answers: one object per line.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteJson(this ToolConsole console, JsonObject json) => console.Output.WriteLine(Text(json));

    /// <summary>A value as it stands in a line.</summary>
    public static string Text(JsonNode? value) => value?.ToJsonString(Options) ?? "null";
}
