using Microsoft.Extensions.Logging;

namespace SqueezeBert.Extensions.Models;

/// <summary>What is logged of a model: its name, its path, why it was refused; never a text.</summary>
internal static partial class ModelLog
{
    [LoggerMessage(1, LogLevel.Information,
        "Model {Model} was loaded from {Path} in {Milliseconds} ms: {Architecture}, {WeightBytes} bytes of weights, {Fingerprint}")]
    public static partial void Loaded(
        this ILogger logger, string model, string path, long milliseconds, string architecture, long weightBytes, string fingerprint);

    [LoggerMessage(2, LogLevel.Critical, "Model {Model} could not be loaded")]
    public static partial void LoadFailed(this ILogger logger, Exception exception, string model);

    [LoggerMessage(3, LogLevel.Information,
        "Model {Model} was replaced: {OldFingerprint} by {Fingerprint}; {Users} callers end with the old one")]
    public static partial void Reloaded(this ILogger logger, string model, string oldFingerprint, string fingerprint, int users);

    [LoggerMessage(4, LogLevel.Information, "Model {Model} is unchanged: its files have the same content")]
    public static partial void Unchanged(this ILogger logger, string model);

    [LoggerMessage(5, LogLevel.Error, "Model {Model} was not replaced: the new one was refused, and the old one ({Fingerprint}) goes on")]
    public static partial void ReloadRefused(this ILogger logger, Exception exception, string model, string fingerprint);

    [LoggerMessage(6, LogLevel.Warning,
        "Model {Model}: {Pins} pipelines were injected by themselves and keep the old one in memory; inject ReloadablePipeline<T>")]
    public static partial void Pinned(this ILogger logger, string model, int pins);

    [LoggerMessage(7, LogLevel.Debug, "Model {Model}: the old one ({Fingerprint}) was disposed")]
    public static partial void OldDisposed(this ILogger logger, string model, string fingerprint);

    [LoggerMessage(8, LogLevel.Warning, "Model {Model} refused a call: its queue is full, {Waiting} inputs wait")]
    public static partial void CallRefused(this ILogger logger, string model, int waiting);

    [LoggerMessage(9, LogLevel.Information, "Model {Model} has no calls any more and was disposed")]
    public static partial void Drained(this ILogger logger, string model);

    [LoggerMessage(10, LogLevel.Warning,
        "Model {Model} still has {Users} callers at the end of the host's shutdown time; they are not waited for")]
    public static partial void NotDrained(this ILogger logger, string model, int users);
}
