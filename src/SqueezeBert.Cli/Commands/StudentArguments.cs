using System.CommandLine;
using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Training;

namespace SqueezeBert.Cli.Commands;

/// <summary>The part of `new` that makes a student of a teacher.</summary>
internal sealed class StudentArguments
{
    private readonly Option<string?> _teacher = SharedOptions.Text("--from-teacher", ModelArgument.HelpName,
        "Make a student of this model instead: its layers, vocabulary, pooling and head. Folder, or hf:owner/name of the hub.");
    private readonly Option<string?> _layers = SharedOptions.Text(
        "--keep-layers", "N,…", "With --from-teacher: the teacher's layers to keep, counted from 0. Without it: all.");

    public IEnumerable<Option> All => [_teacher, _layers];

    /// <summary>Whether the command line asks for a student.</summary>
    /// <exception cref="UsageException">It does not, and has an option that only a student has.</exception>
    public bool IsAsked(ParseResult arguments)
    {
        if (arguments.GetValue(_teacher) is not null) return true;
        foreach (var option in All)
        {
            if (arguments.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} needs --from-teacher");
        }

        return false;
    }

    public int Run(ParseResult arguments, string folder, TensorType precision, ToolConsole console, CancellationToken cancellationToken)
    {
        var teacher = ModelArgument.Resolve(arguments.GetValue(_teacher)!, console, cancellationToken);
        var options = new StudentOptions { KeepLayers = Layers(arguments), Precision = precision };
        var report = StudentModel.Create(teacher, folder, options, cancellationToken);
        var name = report.Configuration.Architectures.FirstOrDefault() ?? report.Configuration.ModelType;
        console.Output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{folder}: {name}, {report.ParameterCount:N0} parameters"));
        console.Output.WriteLine($"layers {string.Join(", ", report.KeptLayers)} of the teacher kept, everything copied");
        return ExitCode.Success;
    }

    private int[]? Layers(ParseResult arguments) => arguments.GetValue(_layers)?.Split(',', StringSplitOptions.TrimEntries).Select(
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            ? layer
            : throw new UsageException($"--keep-layers takes numbers of layers, 0,3,5, not '{text}'")).ToArray();
}
