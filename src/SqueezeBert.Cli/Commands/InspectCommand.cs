using System.CommandLine;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Inspection;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.ModelFolders;

namespace SqueezeBert.Cli.Commands;

/// <summary>What a model, or a file of tensors, consists of.</summary>
internal sealed class InspectCommand : ToolCommand
{
    private readonly Argument<string> _model =
        new("MODEL") { Description = "A model's folder, hf:owner/name, an ONNX file, a config.json alone, or any safetensors file." };
    private readonly Option<int?> _length = SharedOptions.Number(
        "--length", "Tokens of the text that operations are counted for. Without it: 128, or as many as the model reads.", 1);
    private readonly Option<bool> _tensors = SharedOptions.Flag(
        "--tensors", "List the tensors as well: name, type, shape. A safetensors file's are listed anyway.");
    private readonly Option<bool> _json = SharedOptions.Flag("--json", "Print one JSON object.");

    public InspectCommand()
        : base("inspect", "Shows a model's configuration, parameters, floating-point operations and tensors.")
    {
        Add(_model);
        AddAll(_length, _tensors, _json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert inspect my-model",
        "squeezebert inspect my-model --length 384 --tensors",
        "squeezebert inspect squeezebert-base/config.json --json",
        "squeezebert inspect outputs.safetensors",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var path = ModelArgument.Resolve(arguments.GetValue(_model)!, console, cancellationToken);
        var length = arguments.GetValue(_length);
        var tensors = arguments.GetValue(_tensors);
        ModelInspection? model = null;
        WeightsInspection? weights = null;
        if (File.Exists(path) && !path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !ModelLocation.IsOnnx(path))
        {
            if (length is not null)
                throw new UsageException("--length needs a model's folder or its config.json: a file of tensors has no operations");
            using var file = SafetensorsFile.Open(path);
            weights = WeightsInspection.Of(file);
            tensors = true;
        }
        else if (File.Exists(path) && !ModelLocation.IsOnnx(path))
        {
            if (tensors) throw new UsageException("--tensors needs a model's folder or a safetensors file: a configuration has no tensors");
            model = ModelInspection.Of(ModelConfiguration.Load(path), length);
        }
        else
        {
            using var folder = ModelFolder.Open(path);
            model = ModelInspection.Of(folder.Configuration, length, WeightsInspection.HasPooler(folder));
            weights = WeightsInspection.Of(folder);
        }

        if (arguments.GetValue(_json)) console.WriteJson(InspectionJson.Make(model, weights, tensors));
        else InspectionText.Write(console.Output, model, weights, tensors);
        return ExitCode.Success;
    }
}
