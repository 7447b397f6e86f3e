using System.CommandLine;
using System.Globalization;
using SqueezeBert.Assistant;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Cli.Training;
using SqueezeBert.Models;

namespace SqueezeBert.Cli.Commands;

/// <summary>Makes an assistant of a user's file.</summary>
internal sealed class AssistTrainCommand : ToolCommand
{
    // Where the package of models puts the general encoder, in builds that have it.
    private static readonly string Encoder = Path.Combine(AppContext.BaseDirectory, "squeezebert-models", "embeddings");

    private readonly Argument<string> _file = new("FILE")
    {
        Description = "Intents with examples in the shape of Rasa's nlu.yml, and the dialogue (docs/assistant.md).",
    };

    private readonly Option<string?> _output = new("--output")
    {
        HelpName = "DIR",
        Description = "Folder for the assistant; it must not be there, or be empty.",
        Required = true,
    };

    private readonly Option<string?> _from = SharedOptions.Text("--from", ModelArgument.HelpName,
        "The encoder to start from: a folder, or hf:owner/name. Without it: the encoder in the box.");
    private readonly Option<double?> _epochs = SharedOptions.Fraction(
        "--epochs", "Passes over the examples. Without it: as many as suit their number.");
    private readonly Option<double?> _learningRate = SharedOptions.Fraction(
        "--learning-rate", "Peak learning rate. Without it: what suits the encoder.");
    private readonly Option<int?> _variants = SharedOptions.Number(
        "--variants", "Copies of each example in which other values stand in its slots. Without it: 2.", 0, 100);
    private readonly Option<int?> _checkEvery = SharedOptions.Number("--check-every",
        "One example in N of each intent is left out of a first training, which measures the assistant. Without it: 5.", 2, 1000);
    private readonly Option<bool> _noCheck = SharedOptions.Flag("--no-check", "Train once, and measure nothing.");
    private readonly Option<int?> _seed = SharedOptions.Number("--seed", "Everything random follows from it. Without it: 1.", 0);
    private readonly Option<int?> _threads = SharedOptions.Threads();

    public AssistTrainCommand()
        : base("train", "Trains an assistant on a file of intents with examples.")
    {
        Add(_file);
        AddAll(_output, _from, _epochs, _learningRate, _variants, _checkEvery, _noCheck, _seed, _threads);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert assist train home.yml --from all-MiniLM-L6-v2 --output home",
        "squeezebert assist train home.yml --output home --epochs 20 --no-check",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_noCheck) && arguments.GetValue(_checkEvery) is not null)
            throw new UsageException("--check-every does not go with --no-check");
        var defaults = new AssistantTraining { File = arguments.GetValue(_file)!, From = "", Output = arguments.GetValue(_output)! };
        var training = defaults with
        {
            From = From(arguments, console, cancellationToken),
            Epochs = arguments.GetValue(_epochs),
            LearningRate = arguments.GetValue(_learningRate),
            Variants = arguments.GetValue(_variants) ?? defaults.Variants,
            CheckEvery = arguments.GetValue(_noCheck) ? 0 : arguments.GetValue(_checkEvery) ?? defaults.CheckEvery,
            Seed = (ulong)(arguments.GetValue(_seed) ?? 1),
            Threads = arguments.GetValue(_threads) ?? 0,
        };
        Tell(console, TrainingDisplay.Of(console, cancellationToken)
            .Show(progress => AssistantTrainer.Train(training, progress, cancellationToken)));
        return ExitCode.Success;
    }

    private static void Tell(ToolConsole console, AssistantTrainingResult result)
    {
        var output = console.Output;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"assistant: {result.Output}, {result.Intents} intents, {result.Slots} slots, {result.Examples:N0} examples"));
        if (result.IntentAccuracy is { } accuracy)
        {
            var slots = result.SlotF1 is { } f1 ? string.Create(CultureInfo.InvariantCulture, $", slots {100 * f1:F1} F1") : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"checked:   intents {100 * accuracy:F1} % right{slots}, on {result.Checked} examples that the first training did not " +
                    $"have"));
            foreach (var (text, intent, predicted) in result.Confusions)
                output.WriteLine($"  {intent} taken for {predicted}: {Excerpt.Of(text)}");
        }

        if (!result.HasScope) output.WriteLine("in scope:  not measured; more examples are needed, or --no-check was given");
        output.WriteLine($"try:       squeezebert chat --model {CommandText.Quoted(result.Output)}");
    }

    private string From(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_from) is { } from) return ModelArgument.Resolve(from, console, cancellationToken);
        return Directory.Exists(Encoder) ? Encoder
            : Directory.Exists(PretrainedModels.Sentiment) ? PretrainedModels.Sentiment
            : throw new UsageException($"this build has no model in the box; name one with {_from.Name}");
    }
}
