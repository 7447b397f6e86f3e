using System.CommandLine;
using SqueezeBert.Cli.Assistants;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Commands;

/// <summary>What texts ask for: intent and slots. Its parts train and test assistants.</summary>
internal sealed class AssistCommand : ToolCommand
{
    private readonly Argument<string[]> _texts =
        new("TEXT") { Arity = ArgumentArity.ZeroOrMore, Description = "Texts to understand, each by itself." };
    private readonly Option<string?> _file = SharedOptions.Text("--file", "FILE", "Read one text per line ('-': standard input).");
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object per line.");
    private readonly AssistantArguments _assistant = new();

    public AssistCommand()
        : base("assist", "Tells what texts ask for, with slots and their values; trains and tests assistants of your own.")
    {
        Add(_texts);
        AddAll([_file, .. _assistant.All, _json]);
        Add(new AssistTrainCommand());
        Add(new AssistTestCommand());
        Add(new AssistScopeCommand());

        // A command with parts would demand one of them; what it does is in Run.
        SetAction(static _ => ExitCode.Success);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert assist \"book a table for two in Rome tonight\"",
        "squeezebert assist --model home --file requests.txt --json",
        "squeezebert assist train home.yml --from all-MiniLM-L6-v2 --output home",
        "squeezebert assist test home-tests.yml --model home",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var texts = arguments.GetValue(_texts) ?? [];
        var file = arguments.GetValue(_file);
        if (texts.Length > 0 && file is not null) throw new UsageException("give texts or --file, not both");
        if (texts.Length == 0 && file is null) throw new UsageException("give a text, --file FILE, or --file - for standard input");
        using var assistant = _assistant.Load(arguments, console, cancellationToken);
        foreach (var text in texts) Write(text);
        if (file is null) return ExitCode.Success;
        using var lines = InputFile.OpenLines(file, console, cancellationToken);
        foreach (var row in lines.ReadRows(cancellationToken))
        {
            Write(row["text"]);

            // Whoever types a line waits for its answer.
            console.Output.Flush();
        }

        return ExitCode.Success;

        void Write(string text)
        {
            var understanding = assistant.Understand(text, cancellationToken);
            if (arguments.GetValue(_json)) console.WriteJson(UnderstandingFormat.Json(understanding));
            else UnderstandingFormat.WritePlain(console.Output, understanding);
        }
    }
}
