using System.CommandLine;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Commands;

/// <summary>Fetches a model of the hub into the cache that the hub's own tools use, and prints its folder.</summary>
internal sealed class PullCommand : ToolCommand
{
    private readonly Argument<string> _model =
        new("MODEL") { Description = "owner/name, or owner/name@revision (a branch, a tag or a commit)." };

    public PullCommand()
        : base("pull", "Fetches a model from the Hugging Face hub and prints the folder it is in.") => Add(_model);

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert pull squeezebert/squeezebert-mnli",
        "squeezebert pull sentence-transformers/all-MiniLM-L6-v2@main",
        "HF_HUB_OFFLINE=1 squeezebert pull squeezebert/squeezebert-mnli  # where is the copy in the cache?",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var model = ModelArgument.Parse(arguments.GetValue(_model));
        var display = new DownloadDisplay(console);
        using var hub = display.OpenHub();
        console.Output.WriteLine(display.Run(progress => hub.DownloadAsync(model, progress, cancellationToken)));
        return ExitCode.Success;
    }
}
