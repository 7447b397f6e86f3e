using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Machine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Files;
using SqueezeBert.Hub;
using SqueezeBert.Models;
using SqueezeBert.Server.Hosting;

namespace SqueezeBert.Cli.Commands;

/// <summary>Models behind HTTP.</summary>
internal sealed class ServeCommand : ToolCommand
{
    /// <summary>More is no file of keys.</summary>
    private const int MaxKeyBytes = 1 << 20;

    private readonly Option<string[]> _models = new("--model")
    {
        HelpName = "NAME=MODEL",
        Description = "A model under a name for addresses; may be given several times. MODEL is a folder, or hf:owner/name of the hub. " +
            "Without NAME= it is the folder's. Without it: the models in the box, as 'sentiment', 'embeddings' and 'assistant'.",
    };

    private readonly Option<string?> _urls = SharedOptions.Text(
        "--urls", "URLS", "Addresses to listen on, separated by ';'; port 0 for a free one. Without it: http://127.0.0.1:8080.");
    private readonly Option<int?> _managementPort = SharedOptions.Number(
        "--management-port", "A port of their own for health and metrics, on all of the machine's addresses of --urls.", 1, 65_535);
    private readonly Option<string?> _keys = SharedOptions.Text(
        "--api-key-file", "FILE", "Keys, one per line, of which clients must send one. Without it: everybody may ask.");
    private readonly Option<string[]> _shares = new("--share")
    {
        HelpName = "NAME=N",
        Description = "The part of the machine that a model gets while others have work too, against their parts; several times. " +
            "Without it: 1.",
    };

    private readonly Option<int?> _queue = SharedOptions.Number(
        "--queue", "Tokens that may wait for a model, estimated; more is refused with 429. Without it: 131072.", 1);
    private readonly Option<int?> _batchTokens = SharedOptions.Number(
        "--batch-tokens", "Tokens that are computed together. Without it: 2048.", 1, ModelOptions.MaxBatchTokens);
    private readonly Option<int?> _maxTexts = SharedOptions.Number("--max-texts", "Texts of a request at most. Without it: 32.", 1);
    private readonly Option<int?> _maxLength = SharedOptions.MaxLength();
    private readonly Option<LongText?> _longText = SharedOptions.OneOf<LongText>(
        "--long-text", "What to do with a longer text, where a request does not say. Without it: as the task does.");
    private readonly Option<int?> _threads = SharedOptions.Threads();
    private readonly Option<bool> _reload = SharedOptions.Flag(
        "--reload", "Watch the models' folders, and take up a model that replaces another.");
    private readonly Option<double?> _delay = SharedOptions.Seconds(
        "--shutdown-delay", "Seconds to go on answering, and to say 'not ready', before stopping. Without it: 0.");

    public ServeCommand()
        : base("serve", "Serves models over HTTP: OpenAI's and text-embeddings-inference's routes, and one for every task.")
    {
        AddAll(
            _models, _urls, _managementPort, _keys, _shares, _queue, _batchTokens, _maxTexts, _maxLength, _longText, _threads, _reload,
            _delay);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert serve",
        "squeezebert serve --model vectors=all-MiniLM-L6-v2 --model ner=my-ner-model --urls http://0.0.0.0:8080 --api-key-file keys.txt",
        "squeezebert serve --model hf:sentence-transformers/all-MiniLM-L6-v2 --long-text windows",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var urls = ListenAddress.ReadAll(arguments.GetValue(_urls) ?? "http://127.0.0.1:8080", _urls.Name);
        var port = arguments.GetValue(_managementPort);
        var models = Models(arguments, console, cancellationToken);
        var settings = new ServerSettings
        {
            Models = models,
            Urls = string.Join(';', port is null ? urls : [.. urls, urls[0].WithPort(port.Value)]),
            ManagementPort = port,
            ApiKeys = arguments.GetValue(_keys) is { } file ? ReadKeys(file) : [],
            Shares = Shares(arguments, models),
            QueueTokens = arguments.GetValue(_queue),
            BatchTokens = arguments.GetValue(_batchTokens),
            MaxTexts = arguments.GetValue(_maxTexts),
            MaxLength = arguments.GetValue(_maxLength),
            LongText = arguments.GetValue(_longText),
            Threads = arguments.GetValue(_threads),
            ReloadsOnChange = arguments.GetValue(_reload),
            ShutdownDelay = TimeSpan.FromSeconds(arguments.GetValue(_delay) ?? 0),
        };
        WebFramework.Find();
        Serve(settings, console, cancellationToken);
        return ExitCode.Success;
    }

    /// <summary>By itself, because its types are those of a framework that is looked for before it is called.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Serve(ServerSettings settings, ToolConsole console, CancellationToken cancellationToken)
    {
        try
        {
            ServerProgram.RunAsync(settings, console.Output, cancellationToken).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A signal is the usual end of a server, also while it still loads its models.
        }
    }

    private IReadOnlyList<(string Name, string Path)> Models(
        ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var given = arguments.GetValue(_models) ?? [];
        if (given.Length == 0)
        {
            var known = ModelsInTheBox();
            return known.Count > 0 ? known
                : throw new UsageException($"this build has no model in the box; name one with {_models.Name}");
        }

        var models = new List<(string Name, string Path)>();
        foreach (var text in given)
        {
            var end = text.IndexOf('=');
            var model = text[(end + 1)..];
            if (model.Length == 0) throw new UsageException($"--model '{text}' names no folder; give NAME=FOLDER");
            var name = end >= 0 ? text[..end] : NameOf(model);
            if (name.Length is 0 or > 128 || name is "." or ".."
                || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
            {
                throw new UsageException(
                    $"'{name}' is no name for addresses: letters, digits, '.', '_' and '-', and not '.' or '..'; give NAME={model}");
            }

            if (models.Any(known => known.Name == name)) throw new UsageException($"--model names two models '{name}'");
            var path = ModelArgument.Resolve(model, console, cancellationToken);
            if (!Directory.Exists(path) && !File.Exists(path)) throw ModelPaths.NotFound(path);
            models.Add((name, path));
        }

        return models;
    }

    /// <summary>The name of a model that none is given for: the folder's, or that of the hub without its owner and revision.</summary>
    private static string NameOf(string model)
    {
        if (model.StartsWith(ModelReference.Scheme, StringComparison.Ordinal))
            return model[ModelReference.Scheme.Length..].Split('@')[0].Split('/')[^1];
        return Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)));
    }

    /// <summary>Those that this build has; ahead of time it is one of them.</summary>
    private static IReadOnlyList<(string Name, string Path)> ModelsInTheBox()
    {
        (string Name, string Path)[] models =
        [
            ("sentiment", PretrainedModels.Sentiment), ("embeddings", EmbeddingModels.English), ("assistant", AssistantModels.English),
        ];
        return [.. models.Where(model => Directory.Exists(model.Path))];
    }

    private Dictionary<string, double> Shares(ParseResult arguments, IReadOnlyList<(string Name, string Path)> models)
    {
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in arguments.GetValue(_shares) ?? [])
        {
            var end = text.IndexOf('=');
            if (end < 0
                || !double.TryParse(text.AsSpan(end + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
                || share is not (> 0 and <= 1000))
                throw new UsageException($"{_shares.Name} takes NAME=N with N more than 0 and at most 1000, not '{text}'");
            if (models.All(model => model.Name != text[..end]))
                throw new UsageException($"{_shares.Name} names '{text[..end]}', which no {_models.Name} does");
            shares[text[..end]] = share;
        }

        return shares;
    }

    /// <summary>Keys that are not blank, and no comments.</summary>
    private static IReadOnlyList<string> ReadKeys(string file)
    {
        if (Directory.Exists(file)) throw new UsageException($"--api-key-file {file} is a folder; give the file in it that has the keys");
        if (new FileInfo(file).Length > MaxKeyBytes) throw new UsageException($"{file} is no file of keys: it is too large");
        string[] keys = [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
        if (keys.Length == 0) throw new UsageException($"{file} has no key; one per line is needed");
        return keys.All(key => key.All(c => c is > ' ' and < '\u007F')) ? keys
            : throw new UsageException($"{file} has a key with other characters than visible ASCII");
    }
}
