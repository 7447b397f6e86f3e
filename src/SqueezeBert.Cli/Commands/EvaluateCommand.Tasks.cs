using System.CommandLine;
using System.Globalization;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Commands;

/// <content>Entities, answers, choices and rankings.</content>
internal sealed partial class EvaluateCommand
{
    private int RunTagging(string model, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var (word, tag) = (ColumnNumber(arguments, _text) ?? 0, ColumnNumber(arguments, _label));
        using var loaded = InferenceModel.Load(model, Computing(arguments));
        var sets = arguments.GetValue(_data)!.Select(file =>
        {
            using var stream = InputFile.OpenBytes(file, console, cancellationToken);
            return ConllReader.Read(stream, InputFile.Name(file), word, tag, cancellationToken);
        }).ToList();
        var options = new TaggingEvaluationOptions
        {
            Mode = arguments.GetValue(_strict) ? EntityMode.Strict : EntityMode.Lenient,
            ForbidImpossibleTags = arguments.GetValue(_forbidImpossible),
            Reading = Reading(arguments) with { LongText = LongText.Windows },
            Head = arguments.GetValue(_head),
        };
        var result = ProgressBar.Run(console, "evaluating",
            tell => TaggingEvaluation.Evaluate(loaded, sets, options, new Progress(tell), cancellationToken));
        return Write(result, model, loaded.Configuration.MaxPositionEmbeddings, arguments, console);
    }

    private int RunAnswering(string model, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_baseline)!.Length > 0) throw new UsageException("--baseline takes no file with answering");
        // What cannot be written is told before questions are answered for an hour.
        if (arguments.GetValue(_predictions) is { } place)
        {
            if (File.Exists(place)) throw new UsageException($"{_predictions.Name} {place}: is a file; give a folder for the predictions");
            Directory.CreateDirectory(place);
        }

        var sets = arguments.GetValue(_data)!.Select(file =>
        {
            using var stream = InputFile.OpenBytes(file, console, cancellationToken);
            return SquadReader.Read(stream, InputFile.Name(file), cancellationToken);
        }).ToList();
        var version = arguments.GetValue(_noAnswer) || sets.Exists(set => set.Version == SquadVersion.V2) ? SquadVersion.V2
            : SquadVersion.V1;
        if (version == SquadVersion.V1 && arguments.GetValue(_threshold) is not null)
            throw new UsageException("--threshold needs --no-answer, or questions without an answer");
        using var answerer = QuestionAnswerer.Load(model, new QuestionAnswererOptions
        {
            Reading = Reading(arguments) with { LongText = LongText.Windows },
            Head = arguments.GetValue(_head),
            AllowNoAnswer = version == SquadVersion.V2,
        }, Computing(arguments));
        var folder = arguments.GetValue(_predictions);
        var predictions = folder is null ? null : new List<SquadPrediction>();
        var result = ProgressBar.Run(console, "evaluating",
            tell => SquadEvaluation.Evaluate(
                answerer, sets, version, arguments.GetValue(_threshold) ?? 0, predictions, new Progress(tell), cancellationToken));
        var code = Write(result, model, answerer.MaxLength, arguments, console);
        if (predictions is not null) SquadEvaluation.Write(folder!, predictions);
        if (arguments.GetResult(_baseline) is { Implicit: false })
        {
            Write(SquadEvaluation.EvaluateBaseline(sets, version, cancellationToken), "nearest sentence", answerer.MaxLength, arguments,
                console);
        }

        return code;
    }

    private int RunChoosing(string model, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var columns = arguments.GetValue(_choices) ?? [];
        if (columns.Length == 0) throw new UsageException("choosing needs the columns of the choices: --choice COLUMN for each");
        using var selector = ChoiceSelector.Load(model, new ChoiceSelectorOptions { Reading = Reading(arguments) },
            Computing(arguments));
        var sets = arguments.GetValue(_data)!.Select(file => ReadChoices(file, columns, arguments, console, cancellationToken)).ToList();
        var result = ProgressBar.Run(console, "evaluating",
            tell => ChoiceEvaluation.Evaluate(selector, sets, new Progress(tell), cancellationToken));
        return Write(result, model, selector.MaxLength, arguments, console);
    }

    private int RunRetrieval(string model, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_baseline)!.Length > 0) throw new UsageException("--baseline takes no file with --task retrieval");
        if (arguments.GetValue(_model) is null)
            throw new UsageException("--task retrieval needs --model with a model that makes vectors");
        using var embedder = TextEmbedder.Load(model, new TextEmbedderOptions { Reading = Reading(arguments) },
            Computing(arguments));
        using var queryEmbedder = LoadQueryModel(embedder, arguments);
        var sets = arguments.GetValue(_data)!
            .Select(folder => RetrievalReader.Read(folder, arguments.GetValue(_split) ?? "test", cancellationToken)).ToList();
        foreach (var set in sets)
        {
            var part = ProgressBar.Run(console, "evaluating", tell => RetrievalEvaluation.Evaluate(
                embedder, set, arguments.GetValue(_queryPrompt), arguments.GetValue(_documentPrompt), queryEmbedder,
                new Progress(tell), cancellationToken));
            Write(part, model, embedder.MaxLength, arguments, console);
            if (arguments.GetResult(_baseline) is { Implicit: false })
            {
                Write(RetrievalEvaluation.EvaluateBaseline(set, cancellationToken), "BM25", embedder.MaxLength, arguments, console);
            }
        }

        return ExitCode.Success;
    }

    private TextEmbedder? LoadQueryModel(TextEmbedder documents, ParseResult arguments)
    {
        if (arguments.GetValue(_queryModel) is not { } folder) return null;
        var queries = TextEmbedder.Load(folder, new TextEmbedderOptions { Reading = Reading(arguments) }, Computing(arguments));
        if (queries.Dimensions == documents.Dimensions) return queries;
        queries.Dispose();
        throw new UsageException(string.Create(CultureInfo.InvariantCulture,
            $"--query-model makes {queries.Dimensions} numbers of a text and --model {documents.Dimensions}; they cannot be compared"));
    }

    private (string Name, IReadOnlyList<ChoiceExample> Examples) ReadChoices(
        string file, string[] columns, ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var options = SharedOptions.Table(
            file, arguments.GetValue(_format), arguments.GetValue(_separator), arguments.GetValue(_noHeader));
        using var reader = InputFile.OpenTable(file, console, options, cancellationToken);
        var (text, label) = (arguments.GetValue(_text) ?? "text", arguments.GetValue(_label) ?? "label");
        var examples = new List<ChoiceExample>();
        foreach (var row in reader.ReadRows(cancellationToken))
        {
            var choices = ChooseCommand.Choices(row, columns, reader.Name);
            var right = row[label].Trim();
            var isNumber = int.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            var place = isNumber && number < choices.Count ? number : choices.ToList().IndexOf(right);
            examples.Add(place >= 0 ? new ChoiceExample(row[text], choices, place)
                : throw new DataFormatException(reader.Name, row.Line, string.Create(CultureInfo.InvariantCulture,
                    $"'{right}' is none of the {choices.Count} choices; give its number, from 0, or its text")));
        }

        return examples.Count > 0 ? (reader.Name, examples)
            : throw new DataFormatException(reader.Name, null, "there is no row to evaluate");
    }

    private static int? ColumnNumber(ParseResult arguments, Option<string?> option)
    {
        if (arguments.GetValue(option) is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1000 ? number
            : throw new UsageException($"{option.Name} is the number of a column, from 0, in files of tagged words");
    }
}
