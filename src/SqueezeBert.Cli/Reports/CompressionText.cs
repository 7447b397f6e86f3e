using System.Globalization;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Reports;

/// <summary>A compression as plain text: what was tried, what it came to, what was left alone.</summary>
internal static class CompressionText
{
    private const double Megabyte = 1e6;

    public static void Write(CompressionReport report, string output, double maxLoss, TextWriter writer)
    {
        var healing = report.HealingExamples > 0 ? Invariant($", {report.HealingExamples:N0} to heal on") : "";
        var weight = 100.0 / report.Before.Examples;
        writer.Write(Invariant($"{report.Before.Examples:N0} examples decide, each {weight:F2} points{healing}\n\n"));
        var tried = new TextTable("", "", "MB>", "ms>", report.Metric + ">", "");
        tried.Add(["given", "", .. Cells(report.Before), ""]);
        foreach (var step in report.Steps)
            tried.Add([step.Kind, step.Change + (step.IsHealed ? ", healed" : ""), .. Cells(step.Figures), NameOf(step.Outcome)]);
        tried.Write(writer);
        writer.Write(Invariant($"\n{report.BeforeElsewhere.Examples:N0} other examples, which decided nothing\n\n"));
        var other = new TextTable("", "MB>", "ms>", report.Metric + ">");
        other.Add(["given", .. Cells(report.BeforeElsewhere)]);
        other.Add(["smaller", .. Cells(report.AfterElsewhere)]);
        other.Write(writer);
        writer.Write('\n');
        foreach (var remark in report.LeftAlone) writer.Write($"left alone: {remark.Kind}, since {remark.Reason}\n");
        if (report.BeforeElsewhere.Score - report.AfterElsewhere.Score is var lost && lost > maxLoss)
        {
            writer.Write(Invariant(
                $"on the other examples it loses {lost:F2} points, more than {maxLoss}: give more data, or a smaller loss\n"));
        }

        var share = (double)report.After.Bytes / report.Before.Bytes;
        writer.Write(Invariant($"{output}: {Shape(report)}, {100 * share:F1} % of the bytes\n"));
    }

    private static string Shape(CompressionReport report)
    {
        var configuration = report.Configuration;
        var heads = configuration.HeadCount - (configuration.PrunedHeads.TryGetValue(0, out var pruned) ? pruned.Count : 0);
        return Invariant($"{configuration.LayerCount} layers, {heads} heads, {configuration.IntermediateSize:N0} channels");
    }

    private static string[] Cells(CompressionFigures figures) =>
    [
        Invariant($"{figures.Bytes / Megabyte:F2}"),
        Invariant($"{figures.Milliseconds:F2}"),
        Invariant($"{figures.Score:F2}"),
    ];

    private static string NameOf(CompressionOutcome outcome) => outcome switch
    {
        CompressionOutcome.Kept => "kept",
        CompressionOutcome.Surpassed => "kept, then more",
        _ => "loses too much",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
