using System.CommandLine;
using System.Text.Json.Nodes;
using SqueezeBert.Assistant;
using SqueezeBert.Cli.Assistants;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Commands;

/// <summary>A dialogue with an assistant: a line is a turn.</summary>
internal sealed class ChatCommand : ToolCommand
{
    private const string Prompt = "> ";

    private readonly Option<bool> _show = SharedOptions.Flag("--show", "Show what was understood of each line, before the reply.");
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object per turn, with the state of the dialogue.");
    private readonly AssistantArguments _assistant = new();

    public ChatCommand()
        : base("chat", "Talks with an assistant: each line of standard input has a reply.")
    {
        AddAll([.. _assistant.All, _show, _json]);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert chat",
        "squeezebert chat --model home --show",
        "squeezebert chat --model home --json < turns.txt",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var (isJson, isShown) = (arguments.GetValue(_json), arguments.GetValue(_show));
        if (isJson && isShown) throw new UsageException("--show does not go with --json, which has it already");
        using var assistant = _assistant.Load(arguments, console, cancellationToken);
        var isTyped = console.IsErrorInteractive && console.IsOutputInteractive;
        if (isTyped) console.Error.WriteLine("Say something; Ctrl-D ends.");
        using var lines = InputFile.OpenLines(InputFile.StandardInput, console, cancellationToken);
        using var rows = lines.ReadRows(cancellationToken).GetEnumerator();
        var state = DialogueState.Start;
        while (true)
        {
            if (isTyped)
            {
                console.Error.Write(Prompt);
                console.Error.Flush();
            }

            if (!rows.MoveNext()) break;
            var line = rows.Current["text"];
            if (string.IsNullOrWhiteSpace(line)) continue;
            var turn = assistant.Reply(state, line, cancellationToken);
            state = turn.State;
            if (isShown && turn.Understanding is { } understanding) UnderstandingFormat.WritePlain(console.Output, understanding);
            if (isJson) console.WriteJson(Json(line, turn));
            else console.Output.WriteLine(turn.Reply);
            console.Output.Flush();
        }

        if (isTyped) console.Error.WriteLine();
        return ExitCode.Success;
    }

    private static JsonObject Json(string text, DialogueTurn turn) => new()
    {
        ["text"] = text,
        ["reply"] = turn.Reply,
        ["event"] = UnderstandingFormat.NameOf(turn.Event.ToString()),
        ["intent"] = turn.Intent,
        ["slots"] = new JsonObject(turn.Slots.Select(
            slot => KeyValuePair.Create(slot.Key, (JsonNode?)UnderstandingFormat.Json(slot.Value.Value)))),
        ["timed_out"] = turn.IsTimedOut,
        ["understanding"] = turn.Understanding is { } understanding ? UnderstandingFormat.Json(understanding) : null,
        ["state"] = JsonNode.Parse(turn.State.ToJson()),
    };
}
