using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Tasks;

/// <summary>
/// Answers items one by one: to a request of any length with one item per line (NDJSON), in the same order and while the rest is still
/// arriving, and to a list whose client requests it. An invalid item is answered by its error.
/// </summary>
internal static class TaskStream
{
    /// <summary>Answers until the client has sent its last line.</summary>
    public static async Task AnswerAsync(Call call, ServedModel model, TaskRun run)
    {
        var context = call.Context;
        if (context.Request.Headers.ContentEncoding.Count > 0)
            throw new RequestException(Fault.MediaType, "a stream of lines cannot be compressed");
        call.AdmitStream(model);

        // Each line has its limit; all of them have none.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        var answers = await AnswerStream.StartAsync(context, call.Token).ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(call.Token);
        var waiting = new Queue<Task<TaskAnswer>>();
        var numbers = new Queue<long>();
        Task<byte[]?>? next = null;
        var lines = new LineReader(context.Request.BodyReader, call.Options);
        try
        {
            next = lines.ReadAsync(ended.Token);
            while (true)
            {
                // Answers that are there go out before anything is waited for.
                while (waiting.TryPeek(out var first) && (first.IsCompleted || waiting.Count >= call.Options.MaxTexts))
                {
                    await WriteNextAsync().ConfigureAwait(false);
                }

                if (!next.IsCompleted && waiting.TryPeek(out var oldest))
                {
                    await Task.WhenAny(next, oldest).ConfigureAwait(false);
                    continue;
                }

                var line = await next.ConfigureAwait(false);
                if (line is not [])
                {
                    var asked = await ReadAsync(call, run, line, ended.Token).ConfigureAwait(false);

                    // Answers that nobody reads yet are kept, but no more of them than one answer may be.
                    while (waiting.Count > 0 && numbers.Sum() + asked.Numbers > call.Options.MaxNumbers)
                        await WriteNextAsync().ConfigureAwait(false);

                    waiting.Enqueue(Ask(call, run, asked, ended.Token));
                    numbers.Enqueue(asked.Numbers);
                }

                if (lines.IsAtEnd) break;
                next = lines.ReadAsync(ended.Token);
            }

            while (waiting.Count > 0) await WriteNextAsync().ConfigureAwait(false);
            await answers.EndAsync(call.Usage, call.Token).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            if (next is not null) await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var task in waiting) await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task WriteNextAsync()
        {
            await WriteAsync(call, answers, waiting.Dequeue()).ConfigureAwait(false);
            numbers.Dequeue();
        }
    }

    /// <summary>Answers to items that are all there, each as soon as it and those before it are computed.</summary>
    public static async Task AnswerAsync(Call call, IReadOnlyList<Task<TaskAnswer>> tasks)
    {
        // The tag is of an answer that is whole.
        call.Context.Response.Headers.Remove("ETag");
        try
        {
            var answers = await AnswerStream.StartAsync(call.Context, call.Token).ConfigureAwait(false);
            foreach (var task in tasks) await WriteAsync(call, answers, task).ConfigureAwait(false);
            await answers.EndAsync(call.Usage, call.Token).ConfigureAwait(false);
        }
        finally
        {
            foreach (var task in tasks) await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The item of a line, or why there is none.</summary>
    private static async Task<Line> ReadAsync(Call call, TaskRun run, byte[]? line, CancellationToken cancellationToken)
    {
        if (line is null)
        {
            return new Line(null, 0, new RequestException(
                Fault.TooLarge, $"the line is larger than the {call.Options.MaxBodyBytes} bytes that are taken (MaxBodyBytes)"));
        }

        try
        {
            using var document = BodyReader.Parse(line, call.Options);
            var item = run.Parse(document.RootElement, "line");
            return new Line(item, await run.CheckNumbersAsync([item], cancellationToken).ConfigureAwait(false), null);
        }
        catch (RequestException e)
        {
            return new Line(null, 0, e);
        }
    }

    private static async Task<TaskAnswer> Ask(Call call, TaskRun run, Line line, CancellationToken cancellationToken)
    {
        if (line.Item is not { } item) throw line.Error!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(call.Options.RequestTimeout);
        try
        {
            return await call.QueueAsync(run.Cost(item), token => run.AskAsync(item, token), timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RequestException(
                Fault.Unavailable, $"there was no answer in {call.Options.RequestTimeout.TotalSeconds:0} seconds")
            { RetryAfter = 1 };
        }
    }

    private static async Task WriteAsync(Call call, AnswerStream answers, Task<TaskAnswer> task)
    {
        var outcome = (await call.RunAsync(1, _ => task).ConfigureAwait(false))[0];
        if (outcome.Value is { } answer) call.CountRead(answer.Read);
        await answers.WriteAsync((writer, flushAsync) => TaskRoutes.WriteAsync(writer, outcome, flushAsync), call.Token)
            .ConfigureAwait(false);
    }

    /// <summary>A line of a stream: its item and the largest number of numbers in its answer, or why it has none.</summary>
    private readonly record struct Line(TaskItem? Item, long Numbers, RequestException? Error);
}
