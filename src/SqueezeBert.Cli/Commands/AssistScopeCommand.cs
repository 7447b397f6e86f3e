using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Assistant;
using SqueezeBert.Cli.Assistants;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Commands;

/// <summary>Measures how well an assistant tells what it is not for, and teaches it.</summary>
internal sealed class AssistScopeCommand : ToolCommand
{
    private readonly Option<string> _inScope = new("--in-scope")
    {
        HelpName = "FILE",
        Description = "Texts that the assistant is for, with --fit beside their intents.",
        Required = true,
    };

    private readonly Option<string> _outOfScope = new("--out-of-scope")
    {
        HelpName = "FILE",
        Description = "Texts that it is not for.",
        Required = true,
    };

    private readonly Option<bool> _fit = SharedOptions.Flag("--fit",
        "Learn from these texts, and write what was learnt into the model's folder. The figures are those of texts that were left out.");
    private readonly Option<string?> _text = SharedOptions.Text("--text", "COLUMN", "The column of the texts in both files. Default text.");
    private readonly Option<string?> _label = SharedOptions.Text(
        "--label", "COLUMN", "With --fit: the column of the intents. Default label.");
    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<char?> _separator = SharedOptions.Separator();
    private readonly Option<bool> _noHeader = SharedOptions.NoHeader();
    private readonly Option<double?> _falseRefusals = SharedOptions.Share("--false-refusals",
        "The share of texts in scope that may be refused, for the recall. Default 0.05.", 0.99);
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object.");
    private readonly AssistantArguments _assistant = new();

    public AssistScopeCommand()
        : base("scope", "Measures how well an assistant tells what it is not for; --fit teaches it to a model that is trained already.")
    {
        AddAll([_inScope, _outOfScope, _fit, .. _assistant.All, _text, _label, _format, _separator, _noHeader, _falseRefusals, _json]);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert assist scope --model home --in-scope requests.tsv --out-of-scope others.tsv",
        "squeezebert assist scope --fit --model home --in-scope requests.tsv --label intent --out-of-scope others.tsv",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var isFit = arguments.GetValue(_fit);
        if (arguments.GetValue(_label) is not null && !isFit) throw new UsageException("--label is for --fit");
        var share = arguments.GetValue(_falseRefusals) ?? AssistantScope.DefaultFalseRefusals;
        var inside = Read(arguments, _inScope, isFit ? arguments.GetValue(_label) ?? "label" : null, console, cancellationToken);
        List<string> outside = [.. Read(arguments, _outOfScope, null, console, cancellationToken).Select(example => example.Text)];
        using var assistant = isFit ? null : _assistant.Load(arguments, console, cancellationToken);
        var report = assistant is null ? Fit(arguments, inside, outside, share, console, cancellationToken)
            : AssistantScope.Measure(assistant, [.. inside.Select(example => example.Text)], outside, share, cancellationToken);
        if (arguments.GetValue(_json)) console.WriteJson(Json(report));
        else WritePlain(console.Output, report);
        return ExitCode.Success;
    }

    private AssistantScopeReport Fit(
        ParseResult arguments, List<TextExample> inside, List<string> outside, double share, ToolConsole console,
        CancellationToken cancellationToken)
    {
        var folder = _assistant.OwnFolder(arguments, console, cancellationToken)
            ?? throw new UsageException("--fit writes into the folder of the model; name it with --model");
        try
        {
            return AssistantScope.Fit(
                folder, [.. inside.Select(example => (example.Text, example.Label.Trim()))], outside, _assistant.Options(arguments), share,
                cancellationToken);
        }
        catch (ArgumentException exception)
        {
            var file = arguments.GetValue(exception.ParamName == "outOfScope" ? _outOfScope : _inScope)!;
            throw new DataFormatException(InputFile.Name(file), null, ErrorText.Of(exception));
        }
    }

    private List<TextExample> Read(
        ParseResult arguments, Option<string> option, string? label, ToolConsole console, CancellationToken cancellationToken)
    {
        var file = arguments.GetValue(option)!;
        var table = SharedOptions.Table(
            file, arguments.GetValue(_format), arguments.GetValue(_separator), arguments.GetValue(_noHeader));
        using var reader = InputFile.OpenTable(file, console, table, cancellationToken);
        var examples = ExampleReader.Read(reader, arguments.GetValue(_text) ?? "text", null, label, cancellationToken).ToList();
        return examples.Count > 0 ? examples : throw new DataFormatException(reader.Name, null, "there is no row");
    }

    private static void WritePlain(TextWriter output, AssistantScopeReport report) =>
        output.Write(string.Create(CultureInfo.InvariantCulture,
            $"""
            texts in scope      {report.InScope}
            texts out of scope  {report.OutOfScope}
            AUROC               {report.Auroc:0.0000}
            refused at {100 * report.FalseRefusals:0.##} % false refusals: {100 * report.Recall:F2} % (threshold {report.RecallThreshold:G4})
            refused below in_scope {report.Threshold:0.####}: {100 * report.RefusedOutOfScope:F2} %, and {100 * report.RefusedInScope:F2} % of those in scope

            """));

    private static JsonObject Json(AssistantScopeReport report) => new()
    {
        ["in_scope"] = report.InScope,
        ["out_of_scope"] = report.OutOfScope,
        ["auroc"] = report.Auroc,
        ["false_refusals"] = report.FalseRefusals,
        ["recall"] = report.Recall,
        ["recall_threshold"] = report.RecallThreshold,
        ["threshold"] = report.Threshold,
        ["refused_in_scope"] = report.RefusedInScope,
        ["refused_out_of_scope"] = report.RefusedOutOfScope,
    };
}
