using Microsoft.AspNetCore.Http;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Monitoring;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Hosting;

/// <summary>
/// The routes for orchestrators. Live: the process responds. Ready: every model has recently computed a known text with the same bits as
/// after loading, and the server is not stopping.
/// </summary>
internal static class ManagementRoutes
{
    public static Task LiveAsync(Call call) => AnswerAsync(call, "text/plain; charset=utf-8", "live\n");

    public static async Task ReadyAsync(Call call)
    {
        if (await call.Services.Readiness.ProblemAsync(call.Token).ConfigureAwait(false) is { } problem)
            throw new RequestException(Fault.Unavailable, $"unhealthy: {problem}") { RetryAfter = 1 };
        await AnswerAsync(call, "text/plain; charset=utf-8", "").ConfigureAwait(false);
    }

    public static Task MetricsAsync(Call call) => AnswerAsync(call, ServerMetrics.ContentType, call.Services.Metrics.ToString());

    private static Task AnswerAsync(Call call, string type, string text)
    {
        call.Context.Response.ContentType = type;
        call.Context.Response.Headers.CacheControl = "no-store";
        return call.Context.Response.WriteAsync(text, call.Token);
    }
}
