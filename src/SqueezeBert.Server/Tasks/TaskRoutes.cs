using System.Text.Json;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Tasks;

/// <summary>
/// The routes `/models/{name}/TASK`, for one item, a list of items (`inputs`), or a stream with one item per line. Answers are the records
/// of the tool's `--json`, with how much was read for each.
/// </summary>
internal static class TaskRoutes
{
    /// <summary>The tasks by their names.</summary>
    public static IReadOnlyDictionary<string, Func<ServedModel, Fields, SqueezeBertServerOptions, TaskRun>> All { get; } =
        new Dictionary<string, Func<ServedModel, Fields, SqueezeBertServerOptions, TaskRun>>(StringComparer.Ordinal)
        {
            ["classify"] = static (model, options, limits) => options.Text("head") is { } head
                ? new ClassifyTask<FeatureExtractor>(model, options, head, limits)
                : new ClassifyTask<TextClassifier>(model, options, null, limits),
            ["zero-shot"] = static (model, options, limits) => new ZeroShotTask(model, options, limits),
            ["tag"] = static (model, options, limits) => options.Text("head") is { } head
                ? new TagTask<FeatureExtractor>(model, options, head, limits)
                : new TagTask<TokenClassifier>(model, options, null, limits),
            ["answer"] = static (model, options, limits) => new AnswerTask(model, options, limits),
            ["fill"] = static (model, options, limits) => new FillTask(model, options, limits),
            ["choose"] = static (model, options, limits) => new ChooseTask(model, options, limits),
            ["features"] = static (model, options, limits) => new FeaturesTask(model, options, limits),
        };

    /// <summary>Answers a request of a task.</summary>
    public static async Task AskAsync(Call call, string task)
    {
        call.Services.CheckRunning();
        var model = call.NamedModel!;
        if (BodyReader.IsLines(call.Context.Request))
        {
            var options = new Fields(call.Context.Request.Query);
            using var stream = All[task](model, options, call.Options);
            options.RefuseOthers();
            await TaskStream.AnswerAsync(call, model, stream).ConfigureAwait(false);
            return;
        }

        var fields = await call.ReadAsync().ConfigureAwait(false);
        using var run = All[task](model, fields, call.Options);
        var inputs = fields.Element("inputs");
        if (inputs is null) await AnswerOneAsync(call, model, run, fields).ConfigureAwait(false);
        else await AnswerAllAsync(call, model, run, fields, inputs.Value).ConfigureAwait(false);
    }

    /// <summary>The members of an answer: the record, and how much was read.</summary>
    public static async Task WriteAsync(Utf8JsonWriter writer, TaskAnswer answer, Func<ValueTask> flushAsync)
    {
        await answer.WriteAsync(writer, flushAsync).ConfigureAwait(false);
        writer.WriteNumber("token_count", answer.Read.TokenCount);
        writer.WriteNumber("characters_read", answer.Read.CharactersRead);
    }

    private static async Task AnswerOneAsync(Call call, ServedModel model, TaskRun run, Fields fields)
    {
        var item = run.Parse(fields);
        fields.RefuseOthers();
        run.Tag(call);
        call.Admit(model, run.Cost(item), isBatch: false);
        await run.CheckNumbersAsync([item], call.Token).ConfigureAwait(false);
        var outcomes = await call.RunAsync(
            1, _ => call.ShareAsync(run.Cost(item), token => run.AskAsync(item, token), call.Token)).ConfigureAwait(false);
        if (outcomes[0].Error is { } error) throw error;
        var answer = outcomes[0].Value!;
        call.CountRead(answer.Read);
        call.Usage.Write(call.Context.Response.Headers, call.Elapsed);
        await JsonAnswer.WriteAsync(call.Context, async (writer, flushAsync) =>
        {
            writer.WriteStartObject();
            await WriteAsync(writer, answer, flushAsync).ConfigureAwait(false);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task AnswerAllAsync(Call call, ServedModel model, TaskRun run, Fields fields, JsonElement inputs)
    {
        fields.RefuseOthers();
        if (inputs.ValueKind != JsonValueKind.Array) throw Fields.Wrong("inputs", "inputs must be an array");
        var count = inputs.GetArrayLength();
        if (count == 0) throw new RequestException(Fault.Empty, "`inputs` cannot be empty") { Field = "inputs" };
        if (count > call.Options.MaxTexts)
        {
            throw new RequestException(
                Fault.TooLarge, $"inputs has {count} items; {call.Options.MaxTexts} are taken (MaxTexts)")
            { Field = "inputs" };
        }

        var items = new (TaskItem? Item, RequestException? Error)[count];
        for (var i = 0; i < count; i++)
        {
            try
            {
                items[i].Item = run.Parse(inputs[i], $"inputs[{i}]");
            }
            catch (RequestException e)
            {
                items[i].Error = e;
            }
        }

        run.Tag(call);
        call.Admit(model, items.Sum(item => item.Item is null ? 0 : run.Cost(item.Item)), isBatch: true);
        await run.CheckNumbersAsync([.. items.Select(item => item.Item).OfType<TaskItem>()], call.Token).ConfigureAwait(false);
        if (AnswerStream.IsWanted(call.Context.Request))
        {
            await TaskStream.AnswerAsync(call, [.. items.Select(item => AskAsync(item.Item, item.Error))]).ConfigureAwait(false);
            return;
        }

        var outcomes = await call.RunAsync(count, i => AskAsync(items[i].Item, items[i].Error)).ConfigureAwait(false);
        foreach (var outcome in outcomes)
        {
            if (outcome.Value is { } answer) call.CountRead(answer.Read);
        }

        // What fails may not fail the next time.
        if (outcomes.Any(outcome => outcome.Error?.Fault == Fault.Failed)) call.Context.Response.Headers.Remove("ETag");
        call.Usage.Write(call.Context.Response.Headers, call.Elapsed);
        await JsonAnswer.WriteAsync(call.Context, async (writer, flushAsync) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("results");
            foreach (var outcome in outcomes)
            {
                await WriteAsync(writer, outcome, flushAsync).ConfigureAwait(false);
                await flushAsync().ConfigureAwait(false);
            }

            writer.WriteEndArray();
            call.Usage.WriteTotals(writer);
            writer.WriteEndObject();
        }).ConfigureAwait(false);

        Task<TaskAnswer> AskAsync(TaskItem? item, RequestException? error) => error is not null ? Task.FromException<TaskAnswer>(error)
            : call.ShareAsync(run.Cost(item!), token => run.AskAsync(item!, token), call.Token);
    }

    /// <summary>Writes an item's answer, or its error instead.</summary>
    public static async Task WriteAsync(Utf8JsonWriter writer, Outcome<TaskAnswer> outcome, Func<ValueTask> flushAsync)
    {
        writer.WriteStartObject();
        if (outcome.Error is { } error)
        {
            writer.WriteStartObject("error");
            ErrorFormat.WriteProblem(writer, error);
            writer.WriteEndObject();
        }
        else
        {
            await WriteAsync(writer, outcome.Value!, flushAsync).ConfigureAwait(false);
        }

        writer.WriteEndObject();
    }
}
