using System.CommandLine;
using System.Globalization;
using SqueezeBert.Benchmarks.Measuring;
using SqueezeBert.Load.Scenarios;
using SqueezeBert.Load.Servers;
using SqueezeBert.Models;

namespace SqueezeBert.Load;

/// <summary>`scenarios`: starts servers, asks them, and writes tables.</summary>
internal static class ScenariosCommand
{
    private static readonly Dictionary<string, Func<IReadOnlyList<Subject>, TextWriter, CancellationToken, Task>> All =
        new(StringComparer.Ordinal)
        {
            [Start.Name] = Start.RunAsync,
            [Saturation.Name] = Saturation.RunAsync,
            [HalfRate.Name] = HalfRate.RunAsync,
            [Overload.Name] = Overload.RunAsync,
            [Mix.Name] = Mix.RunAsync,
            [Peers.Name] = Peers.RunAsync,
            [Soak.Name] = Soak.RunAsync,
        };

    private static readonly Option<string[]> Models = new("--model")
    {
        Description = "NAME=FOLDER; several times. Without it the model in the box.",
        HelpName = "NAME=FOLDER",
    };

    private static readonly Option<string[]> Only = new("--only")
    {
        Description = $"Which ones: {string.Join(", ", All.Keys)}. Without it all but the last.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<double> Seconds = new("--seconds") { Description = "Of each row.", DefaultValueFactory = _ => 20 };
    private static readonly Option<double> WarmUp = new("--warm-up") { Description = "Seconds before.", DefaultValueFactory = _ => 5 };
    private static readonly Option<int> Tokens = new("--tokens") { Description = "Of a text.", DefaultValueFactory = _ => 64 };
    private static readonly Option<double> OverloadSeconds = new("--overload-seconds")
    {
        Description = "Of the overload.",
        DefaultValueFactory = _ => 60,
    };

    private static readonly Option<int> Rounds = new("--rounds") { Description = "Turns of the peers.", DefaultValueFactory = _ => 2 };
    private static readonly Option<double> Minutes = new("--minutes") { Description = "Of the soak.", DefaultValueFactory = _ => 30 };
    private static readonly Option<double> Rate = new("--rate")
    {
        Description = "Requests a second of the soak.",
        DefaultValueFactory = _ => 50,
    };

    private static readonly Option<string> Tool = new("--tool")
    {
        Description = "squeezebert, or its assembly. Without it the one that is built here.",
        DefaultValueFactory = _ => Programs.Tool,
    };

    private static readonly Option<string> OnnxServer = new("--onnx-server")
    {
        Description = "The sample OnnxServe. Without it the one that is built here.",
        DefaultValueFactory = _ => Programs.OnnxServer,
    };

    private static readonly Option<string?> Results = new("--results")
    {
        Description = "A folder, into whose file of this processor the tables are written too.",
    };

    public static Command Create()
    {
        var command = new Command("scenarios", "What a server does under load: tables of latency, throughput, refusals, memory.")
        {
            Models, Only, Seconds, WarmUp, Tokens, OverloadSeconds, Rounds, Minutes, Rate, Tool, OnnxServer, Results,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var chosen = arguments.GetValue(Only) is { Length: > 0 } only ? only : [.. All.Keys.Where(name => name != Soak.Name)];
        if (chosen.FirstOrDefault(name => !All.ContainsKey(name)) is { } unknown)
        {
            Console.Error.WriteLine($"there is no scenario '{unknown}'; there are {string.Join(", ", All.Keys)}");
            return 2;
        }

        var options = new ScenarioOptions
        {
            Models = arguments.GetValue(Models) is { Length: > 0 } named
                ? [.. named.Select(Named)] : [("sentiment", PretrainedModels.Sentiment)],
            Tool = arguments.GetValue(Tool)!,
            OnnxServer = arguments.GetValue(OnnxServer)!,
            Tokens = arguments.GetValue(Tokens),
            Duration = TimeSpan.FromSeconds(arguments.GetValue(Seconds)),
            WarmUp = TimeSpan.FromSeconds(arguments.GetValue(WarmUp)),
            Overload = TimeSpan.FromSeconds(arguments.GetValue(OverloadSeconds)),
            Rounds = arguments.GetValue(Rounds),
            Soak = TimeSpan.FromMinutes(arguments.GetValue(Minutes)),
            SoakRate = arguments.GetValue(Rate),
        };
        foreach (var name in chosen) await RunAsync(name, options, arguments.GetValue(Results), cancellationToken);
        return 0;
    }

    /// <summary>Each has a section of its own, so that one can be run again.</summary>
    private static async Task RunAsync(string name, ScenarioOptions options, string? results, CancellationToken cancellationToken)
    {
        using var written = new StringWriter(CultureInfo.InvariantCulture);
        using var both = new BothWriters(Console.Out, written);
        Machine.Describe(both, ["scenarios", .. Environment.GetCommandLineArgs()[2..]], "SqueezeBert.Load");
        both.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Client and server share the cores. Open loop: requests come at times of a Poisson process, and latency counts from when " +
            $"one was due. Texts of {options.Tokens} tokens where nothing else is said; rows of {options.Duration.TotalSeconds} s after " +
            $"{options.WarmUp.TotalSeconds} s."));
        both.WriteLine();
        var subjects = options.Models.Select(model => new Subject(options, model.Name, model.Path)).ToList();
        try
        {
            await All[name](subjects, both, cancellationToken);
        }
        finally
        {
            foreach (var subject in subjects) subject.Dispose();
        }

        if (results is not null) Console.WriteLine(ResultsFile.Write(results, $"serve-{name}", written.ToString()));
    }

    private static (string Name, string Path) Named(string text)
    {
        var end = text.IndexOf('=', StringComparison.Ordinal);
        return end > 0 ? (text[..end], text[(end + 1)..]) : (Path.GetFileName(Path.TrimEndingDirectorySeparator(text)), text);
    }
}
