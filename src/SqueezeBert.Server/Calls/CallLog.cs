using Microsoft.Extensions.Logging;

namespace SqueezeBert.Server.Calls;

/// <summary>What is logged of requests: routes and what went wrong, never a text.</summary>
internal static partial class CallLog
{
    [LoggerMessage(1, LogLevel.Error, "{Route} failed")]
    public static partial void Failed(this ILogger logger, Exception exception, string route);

    [LoggerMessage(2, LogLevel.Debug, "{Route} was refused: {Reason}")]
    public static partial void Refused(this ILogger logger, string route, string reason);

    [LoggerMessage(3, LogLevel.Debug, "{Route}: the client has gone")]
    public static partial void Gone(this ILogger logger, string route);
}
