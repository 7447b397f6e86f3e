using System.CommandLine;
using SqueezeBert.Assistant;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Assistants;

/// <summary>The options of commands that ask an assistant.</summary>
internal sealed class AssistantArguments
{
    // Where the package of models puts the one that ships, in builds that have it.
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "squeezebert-models", "assistant");

    private readonly Option<string?> _model = SharedOptions.Text("--model", ModelArgument.HelpName,
        "Folder of the assistant, or hf:owner/name of the hub. Without it: the assistant in the box, in builds that have one.");
    private readonly Option<string?> _dialogue = SharedOptions.Text("--dialogue", "FILE",
        "The file of dialogue, lists, answers and thresholds, in the place of the assistant's own.");
    private readonly Option<string?> _head = SharedOptions.Text("--head", "NAME",
        "The head that tells intents, of a model with several. Without it: the first whose name ends in -intent, or the only one.");
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<Precision?> _precision = SharedOptions.ModelPrecision();

    public IEnumerable<Option> All => [_model, _dialogue, _head, _threads, _precision];

    /// <summary>Loads the assistant.</summary>
    /// <exception cref="UsageException">None is named, and there is none in the box.</exception>
    public Assistant.Assistant Load(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var folder = OwnFolder(arguments, console, cancellationToken)
            ?? (Directory.Exists(Shipped) ? Shipped : throw new UsageException("name an assistant with --model"));
        return Assistant.Assistant.Load(folder, Options(arguments));
    }

    /// <summary>The folder that is named; null: none is.</summary>
    public string? OwnFolder(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken) =>
        arguments.GetValue(_model) is { } model ? ModelArgument.Resolve(model, console, cancellationToken) : null;

    /// <summary>How it is loaded.</summary>
    public AssistantOptions Options(ParseResult arguments) => new()
    {
        File = arguments.GetValue(_dialogue),
        IntentHead = arguments.GetValue(_head),
        Model = new ModelOptions
        {
            Threads = arguments.GetValue(_threads),
            Precision = arguments.GetValue(_precision) ?? Precision.Auto,
        },
    };
}
