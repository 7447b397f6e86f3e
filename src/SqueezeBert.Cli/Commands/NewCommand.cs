using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Commands;

/// <summary>Writes a checkpoint that no one has trained: for measurements, or to train from.</summary>
internal sealed class NewCommand : ToolCommand
{
    private readonly Argument<string> _size =
        new("ARCHITECTURE") { Description = $"A size: {string.Join(", ", NewModel.Sizes)}. Left out with --from-teacher." };
    private readonly Argument<string?> _folder =
        new("DIR") { Description = "Folder for the model; it must not hold one.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Argument<string[]> _fields = new("NAME=VALUE")
    {
        Description =
        "Fields of config.json that replace the size's, such as hidden_size=256.",
        Arity = ArgumentArity.ZeroOrMore
    };
    private readonly Option<string?> _head = SharedOptions.Text("--head", "NAME",
        $"What to put on the encoder: {string.Join(", ", ModelHeads.All.Select(OptionName))}. Without it: nothing.");
    private readonly Option<string?> _vocabulary =
        SharedOptions.Text("--vocab", "FILE", "vocab.txt, tokenizer.json or the folder of a tokenizer. Without it: made-up pieces.");
    private readonly Option<bool> _cased = SharedOptions.Flag("--cased", "With a vocab.txt: tell upper from lower case.");
    private readonly Option<string?> _embeddings = SharedOptions.Text("--embeddings-from", ModelArgument.HelpName,
        "Take the vocabulary of this model and copy its embeddings; if the new model's are narrower, their principal components.");
    private readonly Option<ulong?> _seed = new("--seed")
    {
        HelpName = "N",
        Description =
            "Random values to train from, of the deviation 'initializer_range'. Without it: values by a formula, spread like a trained " +
                "model's."
    };
    private readonly Option<string> _precision = SharedOptions.Precision();
    private readonly StudentArguments _student = new();

    public NewCommand()
        : base("new", "Writes an untrained model of a named size, or a student made of a teacher's layers: to measure, or to train from.")
    {
        _head.AcceptOnlyFromAmong([.. ModelHeads.All.Select(OptionName)]);
        foreach (var argument in (Argument[])[_size, _folder, _fields]) Add(argument);
        AddAll([_head, _vocabulary, _cased, _embeddings, _seed, _precision, .. _student.All]);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert new squeezebert-base squeezebert-base",
        "squeezebert new tinybert-4 my-model --head sequence-classification --vocab vocab.txt --seed 1",
        "squeezebert new bert small-model hidden_size=256 num_attention_heads=4 num_hidden_layers=4 intermediate_size=1024",
        "squeezebert new squeezebert my-model hidden_size=384 num_hidden_layers=6 --embeddings-from all-MiniLM-L6-v2 --seed 1",
        "squeezebert new squeezebert-separable my-model --embeddings-from all-MiniLM-L6-v2 --seed 1",
        "squeezebert new student --from-teacher all-MiniLM-L6-v2 --keep-layers 0,3,5",
        "squeezebert new student --from-teacher all-MiniLM-L6-v2 --keep-pieces 16000 --pieces-of wikipedia.txt books.txt",
        "squeezebert new table --from-teacher all-MiniLM-L6-v2 --static --dimensions 256",
        "squeezebert new student --from-teacher all-MiniLM-L6-v2 --feed-forward-groups 4 --fit-text wikipedia.txt books.txt",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var precision = SharedOptions.TypeOf(arguments, _precision);
        if (_student.IsAsked(arguments)) return RunStudent(arguments, precision, console, cancellationToken);
        var folder = arguments.GetValue(_folder) ?? throw new UsageException("give a size and the folder for the model");
        var vocabulary = arguments.GetValue(_vocabulary);
        if (arguments.GetValue(_cased) && !IsVocabularyFile(vocabulary))
            throw new UsageException("--cased needs --vocab with a vocab.txt; other tokenizers say it themselves");
        if (arguments.GetValue(_embeddings) is { } model)
        {
            if (vocabulary is not null) throw new UsageException("--vocab does not go with --embeddings-from, whose vocabulary is taken");
            SaveWithEmbeddings(arguments, folder, ModelArgument.Resolve(model, console, cancellationToken), precision, cancellationToken);
            return Describe(folder, console);
        }

        var tokenizer = vocabulary is null ? null : BertTokenizer.Load(vocabulary);
        var configuration = Configure(arguments, tokenizer);
        if (IsVocabularyFile(vocabulary))
            tokenizer = BertTokenizer.Load(vocabulary!,
                new BertTokenizerOptions { LowerCase = !arguments.GetValue(_cased), ModelMaxLength = configuration.MaxPositionEmbeddings });
        NewModel.Save(folder, configuration, tokenizer, arguments.GetValue(_seed), precision, cancellationToken);
        return Describe(folder, console);
    }

    private void SaveWithEmbeddings(
        ParseResult arguments, string folder, string model, TensorType precision, CancellationToken cancellationToken)
    {
        using var embeddings = ModelFolder.Open(model);
        var configuration = Configure(arguments, BertTokenizer.Load(embeddings.Path));
        NewModel.Save(folder, configuration, embeddings, arguments.GetValue(_seed), precision, cancellationToken);
    }

    private static int Describe(string folder, ToolConsole console)
    {
        using var saved = ModelFolder.Open(folder);
        var elements = saved.Tensors.Names.Sum(name => saved.Tensors.TryGetTensor(name, out var info) ? info.ElementCount : 0);
        console.Output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{folder}: {saved.Configuration.Architectures[0]}, {elements:N0} parameters"));
        return ExitCode.Success;
    }

    private int RunStudent(ParseResult arguments, TensorType precision, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_folder) is not null)
            throw new UsageException("with --from-teacher, give the folder for the model only: sizes and fields are the teacher's");
        foreach (var option in (Option[])[_head, _vocabulary, _cased, _embeddings, _seed])
        {
            if (arguments.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} does not go with --from-teacher: a student has what its teacher has");
        }

        return _student.Run(arguments, arguments.GetValue(_size)!, precision, console, cancellationToken);
    }

    private ModelConfiguration Configure(ParseResult arguments, BertTokenizer? tokenizer)
    {
        try
        {
            var configuration = NewModel.Configure(arguments.GetValue(_size)!, Fields(arguments.GetValue(_fields) ?? []), tokenizer);
            if (arguments.GetValue(_head) is not { } name) return configuration;
            return configuration with
            {
                Architectures =
                [ModelHeads.ClassName(configuration, ModelHeads.All.First(head => OptionName(head) == name).Head)]
            };
        }
        catch (Exception e) when (e is ArgumentException or InvalidModelFileException)
        {
            throw new UsageException(e.Message);
        }
    }

    private static JsonObject Fields(IReadOnlyList<string> texts)
    {
        var fields = new JsonObject();
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new UsageException($"'{text}' is no field: NAME=VALUE is meant");
            if (!fields.TryAdd(text[..equals], Value(text[(equals + 1)..])))
                throw new UsageException($"field '{text[..equals]}' is given twice");
        }

        return fields;
    }

    /// <summary>A number, a list, true: as in config.json; anything else is a text.</summary>
    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static bool IsVocabularyFile(string? path) =>
        path is not null && File.Exists(path) && !path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    /// <summary>"token-classification".</summary>
    private static string OptionName(HeadDescriptor head) => head.Name.Replace(' ', '-');
}
