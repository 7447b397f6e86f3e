// A classifier behind HTTP, which follows its model's folder and says whether it is well. Without arguments it asks itself once and stops;
// with --urls http://localhost:5000 it serves. --SqueezeBert:ModelPath FOLDER, or the environment's SqueezeBert__ModelPath, is your model.
using SqueezeBert;
using SqueezeBert.Extensions;
using SqueezeBert.Models;

var builder = WebApplication.CreateBuilder(args);
if (args.Length == 0) builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSqueezeBert(options =>
{
    options.ModelPath = PretrainedModels.Sentiment;
    options.ReloadOnChange = true;
    options.Model = options.Model with { QueueFullMode = QueueFullMode.Reject };
});
builder.Services.AddSqueezeBert(builder.Configuration.GetSection("SqueezeBert"));
builder.Services.AddHealthChecks().AddSqueezeBert();

var app = builder.Build();
app.MapHealthChecks("/health");
app.MapPost("/classify", async (Question question, ReloadablePipeline<TextClassifier> pipeline, CancellationToken cancelled) =>
{
    if (question.Text is not { Length: > 0 and <= 10_000 } text) return Results.BadRequest("text: 1 to 10,000 characters");
    try
    {
        Classification answer = await pipeline.RunAsync(classifier => classifier.ClassifyAsync(text, cancellationToken: cancelled));
        return Results.Ok(new Answer(answer.Label, answer.Score, answer.Read.IsTruncated));
    }
    catch (QueueFullException)
    {
        return Results.StatusCode(StatusCodes.Status429TooManyRequests);
    }
});
app.MapPost("/reload", async (HostedModel model, CancellationToken cancelled) =>
{
    try
    {
        return Results.Ok(await model.ReloadAsync(cancelled));
    }
    catch (SqueezeBertException e)
    {
        return Results.Problem($"the old model goes on: {e.Kind}");
    }
}).RequireHost("localhost", "127.0.0.1");

if (args.Length > 0)
{
    await app.RunAsync();
    return;
}

await app.StartAsync();
using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
using var response = await client.PostAsJsonAsync("/classify", new Question("It stopped working after a week."));
Console.WriteLine(await response.Content.ReadAsStringAsync());
Console.WriteLine($"health: {await client.GetStringAsync("/health")}");
await app.StopAsync();

internal sealed record Question(string? Text);

internal sealed record Answer(string Label, float Score, bool IsTruncated);
