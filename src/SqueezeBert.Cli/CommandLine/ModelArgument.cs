using System.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Hub;
using SqueezeBert.Models;

namespace SqueezeBert.Cli.CommandLine;

/// <summary>How a model is named on the command line: a folder, or "hf:owner/name[@revision]" of the hub.</summary>
internal static class ModelArgument
{
    /// <summary>What the help calls it.</summary>
    public const string HelpName = "MODEL";

    /// <summary>
    /// The folder. A model of the hub is taken from the cache, and fetched if it is not there; its progress is on standard error.
    /// </summary>
    /// <exception cref="UsageException">What follows "hf:" is not the name of a model.</exception>
    /// <exception cref="HubException">It is not in the cache and cannot be fetched.</exception>
    public static string Resolve(string model, ToolConsole console, CancellationToken cancellationToken)
    {
        if (!model.StartsWith(ModelReference.Scheme, StringComparison.Ordinal)) return model;
        var reference = Parse(model);
        var display = new DownloadDisplay(console);
        using var hub = display.OpenHub();
        return hub.FindCached(reference)
            ?? display.Run(progress => hub.DownloadAsync(reference, progress, cancellationToken));
    }

    /// <summary>The folder of the model that an option names, or that of the model in the box.</summary>
    /// <exception cref="UsageException">Neither: this build has no model in the box.</exception>
    public static string ResolveOrDefault(ParseResult arguments, Option<string?> option, ToolConsole console,
        CancellationToken cancellationToken)
    {
        if (arguments.GetValue(option) is { } model) return Resolve(model, console, cancellationToken);
        return Directory.Exists(PretrainedModels.Sentiment) ? PretrainedModels.Sentiment
            : throw new UsageException($"this build has no model in the box; name one with {option.Name}");
    }

    /// <summary>The model of the hub that a text names.</summary>
    /// <exception cref="UsageException">It names none.</exception>
    public static ModelReference Parse(string? text) => ModelReference.TryParse(text, out var model)
        ? model
        : throw new UsageException($"'{text}' is not the name of a model; give owner/name or owner/name@revision");
}
