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
    /// <summary>What Model2Vec takes.</summary>
    private const int UsualDimensions = 256;

    private readonly Option<string?> _teacher = SharedOptions.Text("--from-teacher", ModelArgument.HelpName,
        "Make a student of this model instead: its layers, vocabulary, pooling and head. Folder, ONNX file, or hf:owner/name of the hub.");
    private readonly Option<string?> _layers = SharedOptions.Text(
        "--keep-layers", "N,…", "With --from-teacher: the teacher's layers to keep, counted from 0. Without it: all.");
    private readonly Option<int?> _attention = SharedOptions.Number(
        "--attention-groups", "With --from-teacher: make a SqueezeBERT, with so many groups in queries, keys and values.", 1);
    private readonly Option<int?> _attentionOutput = SharedOptions.Number(
        "--attention-output-groups", "As --attention-groups, behind the attention.", 1);
    private readonly Option<int?> _feedForward = SharedOptions.Number(
        "--feed-forward-groups", "As --attention-groups, in the feed-forward network.", 1);
    private readonly Option<bool> _static = SharedOptions.Flag("--static",
        "With --from-teacher: make a table of static embeddings, each piece's vector what the teacher makes of it alone (Model2Vec).");
    private readonly Option<int?> _dimensions = SharedOptions.Number(
        "--dimensions", "With --static: numbers of a vector, at most the teacher's. Without it: 256, or all where there are fewer.", 1);
    private readonly Option<string[]> _text = new("--fit-text")
    {
        HelpName = "FILE",
        Description = "Texts, one per line, that projections with groups are fitted on.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int?> _tokens = SharedOptions.Number("--fit-tokens", "Tokens of --fit-text to use. Without it: 60000.", 1);
    private readonly Option<int?> _pieces = SharedOptions.Number("--keep-pieces",
        "With --from-teacher: keep so many pieces of the vocabulary, those that --pieces-of has most often. Without it: all.", 1);
    private readonly Option<string[]> _piecesOf = new("--pieces-of")
    {
        HelpName = "FILE",
        Description = "Texts, one per line, whose pieces are counted for --keep-pieces.",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<double?> _ridge = SharedOptions.Fraction(
        "--ridge", "How strongly the fit is drawn to the teacher's own weights, as a share of its inputs' size. Without it: 0.001.");

    private readonly Option<int?> _threads = SharedOptions.Threads();

    public IEnumerable<Option> All =>
        [_teacher, _layers, _attention, _attentionOutput, _feedForward, _static, _dimensions, _pieces, _piecesOf, _text, _tokens, _ridge,
        _threads];

    /// <summary>Whether the command line asks for a student.</summary>
    /// <exception cref="UsageException">It does not, and has an option that only a student has.</exception>
    public bool IsAsked(ParseResult arguments)
    {
        if (arguments.GetValue(_teacher) is not null) return true;
        return All.FirstOrDefault(option => IsGiven(arguments, option)) is { } given
            ? throw new UsageException($"{given.Name} needs --from-teacher")
            : false;
    }

    /// <summary>256 numbers unless the teacher has fewer or the caller says it.</summary>
    private StaticEmbeddings? Static(ParseResult arguments, string teacher)
    {
        if (!arguments.GetValue(_static))
        {
            return IsGiven(arguments, _dimensions)
                ? throw new UsageException($"{_dimensions.Name} needs {_static.Name}: other students are as wide as their teacher") : null;
        }

        foreach (var option in (Option[])[_layers, _attention, _attentionOutput, _feedForward])
        {
            if (IsGiven(arguments, option))
                throw new UsageException($"{option.Name} does not go with {_static.Name}: static embeddings have no layers");
        }

        if (arguments.GetValue(_dimensions) is { } dimensions) return new StaticEmbeddings { Dimensions = dimensions };
        using var folder = ModelFolder.Open(SentenceEncoderSettings.Load(teacher).ModelPath);
        return new StaticEmbeddings { Dimensions = Math.Min(UsualDimensions, folder.Configuration.HiddenSize) };
    }

    public int Run(ParseResult arguments, string folder, TensorType precision, ToolConsole console, CancellationToken cancellationToken)
    {
        var teacher = ModelArgument.Resolve(arguments.GetValue(_teacher)!, console, cancellationToken);
        var options = new StudentOptions
        {
            Static = Static(arguments, teacher),
            KeepLayers = Layers(arguments),
            Vocabulary = Vocabulary(arguments),
            Groups = Groups(arguments),
            FitText = arguments.GetValue(_text) ?? [],
            Precision = precision,
            Threads = arguments.GetValue(_threads),
        };
        options = options with
        {
            FitTokens = arguments.GetValue(_tokens) ?? options.FitTokens,
            Ridge = arguments.GetValue(_ridge) ?? options.Ridge,
        };
        CheckFit(arguments, options);
        var report = ProgressBar.Run(console, options.Static is null ? "fitting" : "pieces",
            tell => StudentModel.Create(teacher, folder, options, new Progress(tell), cancellationToken));
        Write(report, folder, console.Output);
        return ExitCode.Success;
    }

    private void CheckFit(ParseResult arguments, StudentOptions options)
    {
        var isFitted = options.Groups is { } groups && groups != new StudentGroups();
        if (isFitted && options.FitText.Count == 0)
            throw new UsageException("projections with groups are fitted on text: give --fit-text FILE, one text per line");
        foreach (var option in (Option[])[_text, _tokens, _ridge])
        {
            if (!isFitted && IsGiven(arguments, option))
                throw new UsageException($"{option.Name} is for projections with groups; without them everything is copied");
        }
    }

    private VocabularyTrim? Vocabulary(ParseResult arguments)
    {
        if (IsGiven(arguments, _pieces) != IsGiven(arguments, _piecesOf))
            throw new UsageException($"{_pieces.Name} and {_piecesOf.Name} go together: a number, and texts to count pieces in");
        if (arguments.GetValue(_pieces) is not { } pieces) return null;
        foreach (var option in (Option[])[_static, _attention, _attentionOutput, _feedForward])
        {
            if (IsGiven(arguments, option))
                throw new UsageException($"{option.Name} does not go with {_pieces.Name}: make that student of the one with fewer pieces");
        }

        return new VocabularyTrim(pieces, arguments.GetValue(_piecesOf)!);
    }

    private StudentGroups? Groups(ParseResult arguments) =>
        (arguments.GetValue(_attention), arguments.GetValue(_attentionOutput), arguments.GetValue(_feedForward)) switch
        {
            (null, null, null) => null,
            var (attention, output, feedForward) => new StudentGroups(attention ?? 1, output ?? 1, feedForward ?? 1),
        };

    private int[]? Layers(ParseResult arguments) => arguments.GetValue(_layers)?.Split(',', StringSplitOptions.TrimEntries).Select(
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            ? layer
            : throw new UsageException($"--keep-layers takes numbers of layers, 0,3,5, not '{text}'")).ToArray();

    private static void Write(StudentReport report, string folder, TextWriter output)
    {
        var name = report.Configuration.Architectures.FirstOrDefault() ?? report.Configuration.ModelType;
        var layers = string.Join(", ", report.KeptLayers);
        Line($"{folder}: {name}, {report.ParameterCount:N0} parameters");
        if (report.Configuration is StaticConfiguration)
        {
            Line($"vectors of {report.Configuration.HiddenSize} numbers for {report.Configuration.VocabularySize:N0} tokens");
            Line($"each is what the teacher makes of the token alone, less the mean, weighted by the token's rank");
            return;
        }

        Line($"{report.MultiplyAddsPerToken / 1e6:F2} million multiply-adds a token, attention over the others not counted");
        if (report.LayerErrors.Count == 0)
        {
            Line($"layers {layers} of the teacher kept, everything copied");
            if (report.TokenGrowth is { } growth)
                Line($"{report.Configuration.VocabularySize:N0} pieces kept; the texts have {100 * growth:F1} % more tokens");
            return;
        }

        Line($"layers {layers} of the teacher kept; tables, norms and dense projections copied");
        Line($"projections with groups, and those behind the attention, fitted on {report.FittedTokens:N0} tokens");
        for (var layer = 0; layer < report.LayerErrors.Count; layer++)
            Line($"layer {layer}, the teacher's {report.KeptLayers[layer]}: relative error {report.LayerErrors[layer]:F4}");

        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static bool IsGiven(ParseResult arguments, Option option) => arguments.GetResult(option) is { Implicit: false };

    private sealed class Progress(Action<double> tell) : IProgress<StudentProgress>
    {
        public void Report(StudentProgress value) => tell((double)value.Done / value.Total);
    }
}
