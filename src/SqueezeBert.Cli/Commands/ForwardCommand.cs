using System.CommandLine;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Cli.Commands;

/// <summary>
/// Runs a model on token ids from a file and writes everything it computes: parity with a reference can be checked from outside.
/// </summary>
internal sealed class ForwardCommand : ToolCommand
{
    private const string InputPrefix = "input.";
    private const string OutputPrefix = "output.";

    private readonly Option<string> _model = SharedOptions.RequiredModel();
    private readonly Option<string> _input = new("--input")
    {
        Description = "Safetensors file with the tensors named above.",
        HelpName = "FILE",
        Required = true
    };
    private readonly Option<string> _output = new("--output")
    {
        Description = "Safetensors file to write.",
        HelpName = "FILE",
        Required = true
    };
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<Precision?> _precision = SharedOptions.ModelPrecision();

    public ForwardCommand()
        : base(
            "forward",
            """
            Runs a model on padded token ids and writes every output, to compare with another implementation.
            Reads the integer tensors input_ids, attention_mask (default: ones) and token_type_ids (default: zeros), each [batch, length]
            or, for multiple choice, [batch, choices, length], with or without the prefix "input.".
            Writes float32 tensors in the padded shapes, those that the model has: output.last_hidden_state, output.pooler_output, output.logits,
            output.start_logits, output.end_logits, output.prediction_logits, output.seq_relationship_logits, output.hidden_states.N and
            output.attentions.N. Positions whose mask is 0 hold zeros; so do attentions unless query and key are both real.
            """)
    {
        AddAll(_model, _input, _output, _threads, _precision);
    }

    public override IReadOnlyList<string> Examples =>
        ["squeezebert forward --model my-model --input batch.safetensors --output outputs.safetensors"];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        using var folder = ModelFolder.Open(ModelArgument.Resolve(arguments.GetValue(_model)!, console, cancellationToken));
        using var input = SafetensorsFile.Open(arguments.GetValue(_input)!);
        var (ids, shape) = Read(input, "input_ids")
            ?? throw new InvalidModelFileException(input.Path, "input_ids", $"is missing; the file has {Names(input)}");
        if (shape is not ([> 0, > 0] or [> 0, > 0, > 0]))
        {
            throw new InvalidModelFileException(
                input.Path, "input_ids",
                $"has the shape [{string.Join(", ", shape)}]; [batch, length] is needed ([batch, choices, length] for multiple choice), " +
                    "with at least one text and one token");
        }

        var mask = ReadLike("attention_mask");
        var types = ReadLike("token_type_ids");
        CheckSize(input.Path, folder.Configuration, ids.Length, (int)shape[^1]);
        var options = new EngineOptions
        {
            Threads = arguments.GetValue(_threads),
            Weights = Precisions.FormatOf(arguments.GetValue(_precision) ?? Precision.Auto),
        };
        using var model = ModelLoader.Load(
            folder, options: options, languageModelRows: RowSet.Tokens, cancellationToken: cancellationToken);
        var writer = new SafetensorsWriter();
        foreach (var tensor in PaddedForward.Run(model, [.. shape.Select(size => (int)size)], ids, mask, types,
            cancellationToken: cancellationToken))
            writer.Add(OutputPrefix + tensor.Name, tensor.Shape.Select(size => (long)size), tensor.Values);
        writer.Save(arguments.GetValue(_output)!);
        return ExitCode.Success;

        long[] ReadLike(string name)
        {
            if (Read(input, name) is not { } tensor) return [];
            return tensor.Shape.SequenceEqual(shape)
                ? tensor.Values
                : throw new InvalidModelFileException(
                    input.Path, name, $"has the shape [{string.Join(", ", tensor.Shape)}]; input_ids has [{string.Join(", ", shape)}]");
        }
    }

    private static (long[] Values, IReadOnlyList<long> Shape)? Read(SafetensorsFile file, string name)
    {
        var hasPlain = file.TryGetTensor(name, out var info);
        if (file.TryGetTensor(InputPrefix + name, out var prefixed))
        {
            if (hasPlain) throw new InvalidModelFileException(file.Path, name, $"is there twice, with and without '{InputPrefix}'");
            info = prefixed;
        }

        if (info is null) return null;
        if (info.Type is TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64)
            throw new InvalidModelFileException(file.Path, info.Name,
                $"holds {TensorTypes.SafetensorsName(info.Type)}; integers (I64) are needed");
        if (info.ElementCount > Array.MaxLength)
            throw new InvalidModelFileException(file.Path, info.Name, "has more than two billion elements; give fewer texts at a time");
        var values = new long[info.ElementCount];
        file.ReadInt64s(info.Name, values);
        return (values, info.Shape);
    }

    private static void CheckSize(string file, ModelConfiguration configuration, int tokens, int length)
    {
        if (length > configuration.MaxPositionEmbeddings)
            throw new InvalidModelFileException(file, "input_ids",
                string.Create(CultureInfo.InvariantCulture,
                    $"has {length} tokens a text; the model reads {configuration.MaxPositionEmbeddings} at most"));
        if (Math.Max((double)tokens * configuration.HiddenSize, (double)tokens * length * configuration.HeadCount) > Array.MaxLength)
            throw new InvalidModelFileException(file, "input_ids",
                "would give an output of more than two billion elements; give fewer texts at a time");
    }

    private static string Names(SafetensorsFile file) =>
        file.Names.Count == 0 ? "no tensors" : string.Join(", ", file.Names.Take(5)) + (file.Names.Count > 5 ? ", …" : "");
}
