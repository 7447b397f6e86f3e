using System.CommandLine;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Models;

namespace SqueezeBert.Cli.Commands;

/// <summary>A command that makes vectors of texts, and its options about them.</summary>
internal abstract class VectorsCommand : TextsCommand
{
    private readonly Option<SentencePooling?> _pooling =
        SharedOptions.OneOf<SentencePooling>("--pooling", "How tokens become a vector. Without it: as the folder says, else mean.");
    private readonly Option<bool> _normalize = SharedOptions.Flag(
        "--normalize", "Divide vectors by their length, also where the folder does not say so.");
    private readonly Option<int?> _dimensions = SharedOptions.Number("--dimensions", "Keep the first N components of a vector.", 1);
    private readonly Option<string?> _prompt = SharedOptions.Text(
        "--prompt", "NAME",
        "Which of the folder's prompts to put before each text (of similar: the one to compare with): query, passage, ….");

    /// <param name="name">Of the command.</param>
    /// <param name="description">Of the command.</param>
    /// <param name="help">Of its texts.</param>
    /// <param name="own">The options that it alone has.</param>
    protected VectorsCommand(string name, string description, TextsHelp help, params IEnumerable<Option> own)
        : base(name, description, help with { Model = "of sentence-transformers or any encoder", Box = EmbeddingModels.English }) =>
        AddOptions([.. own, _pooling, _normalize, _dimensions, _prompt]);

    /// <summary>Vectors are the encoder's.</summary>
    protected override bool HasHead => false;

    protected string? Prompt(ParseResult arguments) => arguments.GetValue(_prompt);

    protected bool HasDimensions(ParseResult arguments) => arguments.GetValue(_dimensions) is not null;

    /// <summary>Loads the model.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="console">Shows a download.</param>
    /// <param name="cancellationToken">Ends a download.</param>
    /// <param name="dimensions">Null: as the command line says.</param>
    protected TextEmbedder Load(
        ParseResult arguments, ToolConsole console, CancellationToken cancellationToken, int? dimensions = null) => TextEmbedder.Load(
        ModelPath(arguments, console, cancellationToken),
        new TextEmbedderOptions
        {
            Reading = Reading(arguments),
            Pooling = arguments.GetValue(_pooling),
            Normalize = arguments.GetValue(_normalize) ? true : null,
            Dimensions = dimensions ?? arguments.GetValue(_dimensions),
        },
        Computing(arguments));
}
