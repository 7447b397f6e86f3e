using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using SqueezeBert.Measuring;

namespace SqueezeBert.Cli.Reports;

/// <summary>Measurements of models as a table for people, for a document, for programs.</summary>
internal static class ComparisonReport
{
    private const double Mega = 1e6;

    private static readonly IReadOnlyList<string> Headers =
    [
        "model", "architecture", "parameters", "file MB", $"GFLOPs at {ModelComparison.FlopTokens}", "load ms",
        .. ModelComparison.Lengths.Select(length => $"ms at {length}"), "memory MB",
    ];

    public static void WriteTable(TextWriter output, IReadOnlyList<ModelMeasurement> measurements)
    {
        var table = new Table().Border(TableBorder.Simple);
        for (var column = 0; column < Headers.Count; column++)
            table.AddColumn(new TableColumn(Markup.Escape(Headers[column]))
            {
                Alignment = IsText(column) ? Justify.Left : Justify.Right,
                NoWrap = true
            });
        foreach (var measurement in measurements) table.AddRow([.. Cells(measurement).Select(Markup.Escape)]);
        using var text = new StringWriter();
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });

        // As wide as it is: a terminal can scroll, and a file has no width. The border above and below is blank.
        console.Profile.Width = int.MaxValue / 2;
        console.Write(table);
        foreach (var line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
            output.WriteLine(line);
    }

    public static void WriteMarkdown(TextWriter output, IReadOnlyList<ModelMeasurement> measurements)
    {
        Row(Headers);
        Row([.. Headers.Select((_, column) => IsText(column) ? "---" : "---:")]);
        foreach (var measurement in measurements) Row(Cells(measurement));

        void Row(IReadOnlyList<string> cells) =>
            output.WriteLine($"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |");
    }

    public static JsonObject Json(ModelMeasurement measurement) => new()
    {
        ["model"] = measurement.Path,
        ["architecture"] = measurement.ClassName,
        ["parameters"] = measurement.Parameters,
        ["file_bytes"] = measurement.FileBytes,
        ["flops"] = new JsonObject { ["tokens"] = ModelComparison.FlopTokens, ["count"] = measurement.Flops },
        ["load_milliseconds"] = Math.Round(measurement.LoadTime.TotalMilliseconds, 3),
        ["times"] = new JsonArray([.. measurement.Times.Select(time => new JsonObject
        {
            ["tokens"] = time.Tokens,
            ["milliseconds"] = time.Milliseconds is { } milliseconds ? Math.Round(milliseconds, 4) : null,
        })]),
        ["memory_bytes"] = measurement.MemoryBytes,
    };

    private static bool IsText(int column) => column < 2;

    private static string[] Cells(ModelMeasurement measurement) =>
    [
        measurement.Path,
        measurement.ClassName,
        measurement.Parameters.ToString("N0", CultureInfo.InvariantCulture),
        Number(measurement.FileBytes / Mega, 1),
        Number(measurement.Flops / (1000 * Mega), 2),
        Number(measurement.LoadTime.TotalMilliseconds, 0),
        .. measurement.Times.Select(time => time.Milliseconds is { } milliseconds ? Number(milliseconds, 2) : "-"),
        Number(measurement.MemoryBytes / Mega, 1),
    ];

    private static string Number(double value, int digits) => value.ToString($"N{digits}", CultureInfo.InvariantCulture);
}
