// ONNX Runtime behind a minimal endpoint, with the tokenizer of this library: what a server of one's own on it looks like. Without
// arguments it asks itself once and stops; with --urls http://127.0.0.1:5000 it serves. --model FOLDER is your model (labels: /predict,
// none: /embed); --threads N are those of one run, of which as many go on at a time as there are cores for.
using System.Text.Json;
using SqueezeBert.Models;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
if (args.Length == 0) builder.WebHost.UseUrls("http://127.0.0.1:0");
using var model = new OnnxTextModel(
    builder.Configuration["model"] ?? PretrainedModels.Sentiment, builder.Configuration.GetValue("threads", Environment.ProcessorCount));
var app = builder.Build();
app.MapGet("/health", () => Results.Ok());
app.MapPost(model.IsClassifier ? "/predict" : "/embed", async (Question question, CancellationToken cancelled) =>
{
    var texts = question.Texts();
    if (texts.Count is 0 or > 32) return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
    var rows = await model.RunAsync(texts, cancelled);
    if (!model.IsClassifier) return Results.Ok(rows);
    var answers = rows.Select(
        row => row.Select((score, i) => new Prediction(score, model.Labels[i])).OrderByDescending(item => item.Score));
    return question.Inputs.ValueKind == JsonValueKind.String ? Results.Ok(answers.First()) : Results.Ok(answers);
});
await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
if (args.Length == 0)
{
    using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    using var response = await client.PostAsJsonAsync("/predict", new { inputs = "It stopped working after a week." });
    Console.WriteLine(await response.Content.ReadAsStringAsync());
    await app.StopAsync();
    return;
}

await app.WaitForShutdownAsync();

/// <summary>"a" is a text, ["a", "b"] are two, and so are [["a"], ["b"]].</summary>
internal sealed record Question(JsonElement Inputs)
{
    public List<string> Texts() => Inputs.ValueKind == JsonValueKind.String ? [Inputs.GetString()!]
        : [.. Inputs.EnumerateArray().Select(item => (item.ValueKind == JsonValueKind.Array ? item[0] : item).GetString()!)];
}

internal sealed record Prediction(float Score, string Label);
