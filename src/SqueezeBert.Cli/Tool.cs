using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Commands;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Texts;
using SqueezeBert.Pipelines;
using SqueezeBert.Threading;

namespace SqueezeBert.Cli;

/// <summary>The `squeezebert` tool: finds the command, runs it, turns what goes wrong into one line and an exit code.</summary>
internal static class Tool
{
    // A text may begin with '@', which would otherwise name a file of arguments.
    private static ParserConfiguration Parsing => new() { ResponseFileTokenReplacer = null };

    /// <summary>Names of the commands, in the order of the help.</summary>
    public static IReadOnlyList<string> CommandNames { get; } =
    [
        "classify", "zero-shot", "linear", "pair", "answer", "fill", "tag", "embed", "similar", "index", "rerank", "choose", "features",
        "assist", "chat", "serve", "evaluate", "tokenize", "vocab", "train", "forward", "inspect", "info", "pull", "new", "convert",
        "compress", "compare", "report", "bench",
    ];

    /// <summary>The command of a name; null: there is none.</summary>
    public static ToolCommand? Create(string name)
    {
        var command = New(name);
        if (command is not (null or VocabCommand or InfoCommand or PullCommand or LinearCommand)) command.Add(command.TrustLinks);
        foreach (var part in command?.Subcommands.OfType<ToolCommand>() ?? []) part.Add(part.TrustLinks);
        return command;
    }

    private static ToolCommand? New(string name) => name switch
    {
        "classify" => new ClassifyCommand(),
        "zero-shot" => new ZeroShotCommand(),
        "linear" => new LinearCommand(),
        "pair" => new PairCommand(),
        "answer" => new AnswerCommand(),
        "fill" => new FillCommand(),
        "tag" => new TagCommand(),
        "embed" => new EmbedCommand(),
        "similar" => new SimilarCommand(),
        "index" => new IndexCommand(),
        "rerank" => new RerankCommand(),
        "choose" => new ChooseCommand(),
        "features" => new FeaturesCommand(),
        "assist" => new AssistCommand(),
        "chat" => new ChatCommand(),
        "serve" => new ServeCommand(),
        "evaluate" => new EvaluateCommand(),
        "tokenize" => new TokenizeCommand(),
        "vocab" => new VocabCommand(),
        "train" => new TrainCommand(),
        "forward" => new ForwardCommand(),
        "inspect" => new InspectCommand(),
        "info" => new InfoCommand(),
        "pull" => new PullCommand(),
        "new" => new NewCommand(),
        "convert" => new ConvertCommand(),
        "compress" => new CompressCommand(),
        "compare" => new CompareCommand(),
        "report" => new ReportCommand(),
        "bench" => new BenchCommand(),
        _ => null,
    };

    /// <summary>Every command, in the order of the help.</summary>
    public static IReadOnlyList<ToolCommand> Commands() => [.. CommandNames.Select(name => Create(name)!)];

    /// <summary>Runs a command line; returns the exit code.</summary>
    public static int Run(IReadOnlyList<string> args, ToolConsole console)
    {
        var arguments = ParseNamed(args) ?? ParseAll(args, IsNarrow(console));
        var name = arguments.CommandResult.Command is ToolCommand found ? $"squeezebert {found.FullName}" : "squeezebert";
        if (arguments.Action is not HelpWithExamples && CommandLineProblem.Of(arguments) is { } problem)
            return Fail(console, name, $"{OneLine(problem)} (see {name} --help)", ExitCode.WrongUse);
        if (arguments.CommandResult.Command is not ToolCommand command2 || arguments.Action is HelpWithExamples)
            return Tell(arguments, name, console);
        using var interruption = new Interruption();
        return Run(command2, name, arguments, console, interruption.Token);
    }

    /// <summary>The help, or the version.</summary>
    private static int Tell(ParseResult arguments, string name, ToolConsole console)
    {
        try
        {
            using var text = new StringWriter { NewLine = "\n" };
            var code = arguments.Invoke(
                new InvocationConfiguration { Output = text, Error = console.Error, EnableDefaultExceptionHandler = false });
            console.Output.Write(IsNarrow(console) && arguments.Action is HelpWithExamples
                ? HelpLayout.Narrow(text.ToString(), console.Width!.Value) : text.ToString());
            console.Output.Flush();
            return code;
        }
        catch (IOException e) when (IsClosedPipe(e))
        {
            return ExitCode.Failure;
        }
        catch (IOException e)
        {
            return Fail(console, name, OneLine(e.Message), ExitCode.Failure);
        }
    }

    /// <summary>
    /// The arguments of the command that the first one names, without making the others, which takes longer than most commands have to do.
    /// Null where anything is asked for or wrong that the others are needed for.
    /// </summary>
    private static ParseResult? ParseNamed(IReadOnlyList<string> args)
    {
        if (args.Count == 0 || args.Any(IsHelp) || Create(args[0]) is not { } command) return null;
        if (command is (TextsCommand and not LinearCommand) or IndexCommand or ServeCommand) WarmUp.Begin();
        var arguments = command.Parse([.. args.Skip(1)], Parsing);
        return CommandLineProblem.Of(arguments) is null ? arguments : null;

        static bool IsHelp(string argument) =>
            argument.StartsWith("--h", StringComparison.Ordinal) || argument is "-h" or "/h" or "-?" or "/?";
    }

    private static bool IsNarrow(ToolConsole console) => console is { IsOutputInteractive: true, Width: < HelpLayout.ColumnsOfTwo };

    private static ParseResult ParseAll(IReadOnlyList<string> args, bool isNarrow)
    {
        var root = new RootCommand("Small text encoders on a plain CPU: classify, train, evaluate, tokenize, inspect.");
        foreach (var command in Commands()) root.Add(command);
        var help = root.Options.OfType<HelpOption>().Single();
        var layout = (HelpAction)help.Action!;
        if (isNarrow) layout.MaxWidth = HelpLayout.Unbroken;
        help.Action = new HelpWithExamples(layout);
        return root.Parse(args, Parsing);
    }

    private static int Run(ToolCommand command, string name, ParseResult arguments, ToolConsole console,
        CancellationToken cancellationToken)
    {
        try
        {
            ModelLinks.TrustedFolders = arguments.GetValue(command.TrustLinks) ?? [];
            var code = command.Run(arguments, console, cancellationToken);
            console.Output.Flush();
            return code;
        }
        catch (UsageException e)
        {
            return Fail(console, name, $"{OneLine(e.Message)} (see {name} --help)", ExitCode.WrongUse);
        }
        catch (OperationCanceledException)
        {
            return Fail(console, name, "interrupted", ExitCode.Failure);
        }
        catch (IOException e) when (IsClosedPipe(e))
        {
            return ExitCode.Failure;
        }
        catch (TypeInitializationException e) when (e.GetBaseException() is InvalidOperationException wrong)
        {
            // The environment asks for an instruction set that there is not.
            return Fail(console, name, OneLine(wrong.Message), ExitCode.Failure);
        }
        catch (ArgumentOutOfRangeException e) when (ErrorText.OfOption(e, arguments) is { } problem)
        {
            return Fail(console, name, $"{OneLine(problem)} (see {name} --help)", ExitCode.WrongUse);
        }
        catch (Exception e)
            when (e is SqueezeBertException or NotSupportedException or IOException
            or UnauthorizedAccessException or ArgumentException or InvalidOperationException or OutOfMemoryException or OverflowException)
        {
            return Fail(console, name, OneLine(ErrorText.Of(e)), ExitCode.Failure);
        }
    }

    private static int Fail(ToolConsole console, string name, string message, int code)
    {
        console.Error.WriteLine($"{name}: {message}");
        return code;
    }

    private static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    // EPIPE on Unix, ERROR_BROKEN_PIPE and ERROR_NO_DATA on Windows.
    private static bool IsClosedPipe(IOException e) => e.HResult is 32 || (e.HResult & 0xFFFF) is 109 or 232;

    /// <summary>The first Ctrl-C or termination asks the command to stop, which may save first; the second ends the process.</summary>
    private sealed class Interruption : IDisposable
    {
        private readonly CancellationTokenSource _source = new();

        // Beside the command: it takes the runtime some milliseconds to make itself ready for signals, and until then one ends the process.
        private readonly Background<PosixSignalRegistration[]> _signals;

        public Interruption() =>
            _signals =
                new(() => [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
                    PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)]);

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            foreach (var signal in _signals.Result()) signal.Dispose();
            _signals.Dispose();
            _source.Dispose();
        }

        private void Stop(PosixSignalContext context)
        {
            if (_source.IsCancellationRequested) return;
            context.Cancel = true;
            _source.Cancel();
        }
    }

    private sealed class HelpWithExamples(SynchronousCommandLineAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            // What a command reads itself is nothing to its parts.
            foreach (var parent in parseResult.CommandResult.Command.Parents.OfType<Command>())
            {
                foreach (var argument in parent.Arguments) argument.Hidden = true;
            }

            var code = inner.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(HelpLayout.ExamplesTitle);
            foreach (var example in parseResult.CommandResult.Command is ToolCommand command ? command.Examples
                : Commands().Select(known => known.Examples[0]))
                output.WriteLine($"  {example}");
            output.WriteLine();
            return code;
        }
    }
}
