using SqueezeBert.Cli.Reports;

namespace SqueezeBert.Cli.Pages;

/// <summary>Short names of a report's models and baselines: the last part of a path, where that is enough to tell them apart.</summary>
internal sealed class ReportNames
{
    private const int MaxLength = 26;

    public ReportNames(ReportContent content)
    {
        var paths = content.Models.Select(model => PageElements.Text(model.Cost.Path)).ToList();
        var names = paths.Select(path => path.TrimEnd('/', '\\').Split('/', '\\')[^1]).ToList();
        Full = paths;
        Models = names.Distinct().Count() == names.Count && names.TrueForAll(name => name.Length > 0) ? names : paths;
        Baselines = [.. content.Baselines.Select(baseline => $"{baseline.Name} (no network)")];
        Labels = [.. Models.Concat(Baselines).Select(Shorten)];
    }

    /// <summary>The models as the command line named them.</summary>
    public IReadOnlyList<string> Full { get; }

    /// <summary>The models.</summary>
    public IReadOnlyList<string> Models { get; }

    /// <summary>What goes without a network.</summary>
    public IReadOnlyList<string> Baselines { get; }

    /// <summary>Models, then baselines, cut where they do not fit a plot.</summary>
    public IReadOnlyList<string> Labels { get; }

    private static string Shorten(string name) => name.Length <= MaxLength ? name : $"…{PageElements.Text(name[^(MaxLength - 1)..])}";
}
