using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Assistant;
using SqueezeBert.Cli.Assistants;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Commands;

/// <summary>Has conversations with an assistant, and compares its turns with what is expected of them.</summary>
internal sealed class AssistTestCommand : ToolCommand
{
    private readonly Argument<string> _file =
        new("FILE") { Description = "Conversations with what is expected of each turn (docs/assistant.md)." };
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object.");
    private readonly AssistantArguments _assistant = new();

    public AssistTestCommand()
        : base("test", "Tests an assistant by a file of conversations; fails where a turn is not as expected.")
    {
        Add(_file);
        AddAll([.. _assistant.All, _json]);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert assist test home-tests.yml --model home",
        "squeezebert assist test home-tests.yml --model home --json",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        using var assistant = _assistant.Load(arguments, console, cancellationToken);
        var file = arguments.GetValue(_file)!;
        var report = ConversationTests.Run(assistant, file, cancellationToken);
        if (arguments.GetValue(_json)) console.WriteJson(Json(file, report));
        else WritePlain(console.Output, file, report);
        return report.Failures.Count == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static void WritePlain(TextWriter output, string file, ConversationReport report)
    {
        foreach (var failure in report.Failures)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{file}:{failure.Line}: {failure.Conversation}: \"{Excerpt.Of(failure.User)}\": {failure.Field} is " +
                    $"{Shown(failure.Actual)}, not {Shown(failure.Expected)}"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.PassedConversations} of {report.Conversations} conversations and {report.PassedTurns} of {report.Turns} turns as " +
                $"expected"));

        static string Shown(string value) => value.Length == 0 ? "nothing" : $"'{value}'";
    }

    private static JsonObject Json(string file, ConversationReport report) => new()
    {
        ["file"] = file,
        ["conversations"] = report.Conversations,
        ["passed_conversations"] = report.PassedConversations,
        ["turns"] = report.Turns,
        ["passed_turns"] = report.PassedTurns,
        ["failures"] = new JsonArray([.. report.Failures.Select(failure => new JsonObject
        {
            ["conversation"] = failure.Conversation,
            ["line"] = failure.Line,
            ["user"] = failure.User,
            ["field"] = failure.Field,
            ["expected"] = failure.Expected,
            ["actual"] = failure.Actual,
        })]),
    };
}
