using System.CommandLine;
using SqueezeBert.Models;

namespace SqueezeBert.Cli;

/// <summary>The model of commands that are given none: the one in the box.</summary>
internal static class DefaultModel
{
    /// <summary>The folder that the option names, or that of the model in the box.</summary>
    /// <exception cref="UsageException">Neither: this build has no model in the box.</exception>
    public static string Path(ParseResult arguments, Option<string?> model)
    {
        if (arguments.GetValue(model) is { } path) return path;
        return Directory.Exists(PretrainedModels.Sentiment) ? PretrainedModels.Sentiment : throw new UsageException($"this build has no model in the box; name one with {model.Name}");
    }
}
