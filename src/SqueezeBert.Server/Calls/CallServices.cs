using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Monitoring;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Calls;

/// <summary>What all requests of a server share. Thread-safe.</summary>
internal sealed class CallServices(
    SqueezeBertServerOptions options, ServedModels models, ServerMetrics metrics, Readiness readiness, ServerState state,
    ILogger<CallServices> logger)
{
    private readonly ApiKeys _keys = new(options);
    private int _count;

    public SqueezeBertServerOptions Options => options;

    public ServedModels Models => models;

    public ServerMetrics Metrics => metrics;

    public Readiness Readiness => readiness;

    /// <summary>Requests that are computed now, those that wait included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <exception cref="RequestException">There are as many as may be.</exception>
    public void Enter()
    {
        if (Interlocked.Increment(ref _count) <= options.MaxConcurrentRequests) return;
        Leave();
        throw new RequestException(Fault.Overloaded, "Model is overloaded") { RetryAfter = 1 };
    }

    public void Leave() => Interlocked.Decrement(ref _count);

    /// <summary>What a client is told of a failure that is not its own; the log has the rest.</summary>
    public RequestException Failed(Exception exception, HttpContext context)
    {
        logger.Failed(exception, RouteOf(context));
        return new RequestException(Fault.Failed, "the computation failed");
    }

    /// <summary>A route of the server: keys, errors and metrics around what it does.</summary>
    /// <param name="format">How errors are told.</param>
    /// <param name="needsKey">Whether a key is needed, where there are keys.</param>
    /// <param name="handle">Answers.</param>
    public RequestDelegate Route(ErrorFormat format, bool needsKey, Func<Call, Task> handle) => async context =>
    {
        using var call = new Call(context, this);
        try
        {
            if (needsKey) _keys.Check(context.Request);
            await handle(call).ConfigureAwait(false);
            if (call.IsAdmitted) call.Succeed();
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            metrics.Failed("dropped");
            logger.Gone(RouteOf(context));
            context.Abort();
        }
        catch (Exception e)
        {
            await RefuseAsync(context, format, ErrorOf(e, context)).ConfigureAwait(false);
        }
    };

    /// <exception cref="RequestException">The server stops.</exception>
    public void CheckRunning()
    {
        if (state.IsStopping)
            throw new RequestException(Fault.Unavailable, "the server stops") { RetryAfter = 1 };
    }

    private RequestException ErrorOf(Exception exception, HttpContext context) => exception switch
    {
        RequestException known => known,
        QueueFullException => new RequestException(Fault.Overloaded, "Model is overloaded") { RetryAfter = 1 },
        OperationCanceledException => new RequestException(
            Fault.Unavailable, $"there was no answer in {options.RequestTimeout.TotalSeconds:0} seconds")
        { RetryAfter = 1 },
        ObjectDisposedException => new RequestException(Fault.Unavailable, "the model is not there any more") { RetryAfter = 1 },
        BadHttpRequestException bad => BodyReader.Of(bad, options),
        _ => Failed(exception, context),
    };

    private async Task RefuseAsync(HttpContext context, ErrorFormat format, RequestException error)
    {
        metrics.Failed(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(error.Fault.ToString()));
        logger.Refused(RouteOf(context), error.Fault.ToString());
        if (context.Response.HasStarted)
        {
            // The client sees a broken answer, not one that looks whole.
            context.Abort();
            return;
        }

        if (error.Fault != Fault.Known) context.Response.Headers.Remove("ETag");
        try
        {
            await format.WriteAsync(context, error).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            logger.Gone(RouteOf(context));
        }
    }

    /// <summary>The route's pattern: a path could hold what a client has typed.</summary>
    private static string RouteOf(HttpContext context) =>
        (context.GetEndpoint() as Microsoft.AspNetCore.Routing.RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
}
