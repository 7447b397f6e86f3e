using System.CommandLine;
using System.Globalization;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Input;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Commands;

/// <summary>Makes a WordPiece vocabulary from texts.</summary>
internal sealed class VocabCommand : ToolCommand
{
    private readonly Argument<string[]> _files = new("FILES")
    {
        Arity = ArgumentArity.OneOrMore,
        Description =
        "Text files in UTF-8, plain or gzip; '-' is standard input. A table is read as the text it is, unless --text names a column."
    };
    private readonly Option<int?> _size = SharedOptions.Number("--size", "Tokens of the vocabulary, the five special ones included.", 6);
    private readonly Option<string?> _output = SharedOptions.Text("--output", "FILE", "The vocab.txt to write.");
    private readonly Option<int?> _minFrequency = SharedOptions.Number(
        "--min-frequency", "How often two pieces must stand side by side to become one. Without it: 2.", 1);
    private readonly Option<int?> _alphabetLimit =
        SharedOptions.Number("--alphabet-limit", "How many different characters to keep, the most frequent ones. Without it: 1000.", 1);
    private readonly Option<bool> _cased = SharedOptions.Flag("--cased", "Keep upper case and accents.");
    private readonly Option<string?> _column = SharedOptions.Text(
        "--text", "COLUMN", "Files are tables (CSV, TSV, JSON lines): read only this column.");
    private readonly Option<TableFormat?> _format = SharedOptions.Format();
    private readonly Option<char?> _separator = SharedOptions.Separator();

    public VocabCommand()
        : base("vocab", "Makes a WordPiece vocabulary from texts. The same texts give the same file, in any order and on any machine.")
    {
        (_size.Required, _output.Required) = (true, true);
        Add(_files);
        AddAll(_size, _output, _minFrequency, _alphabetLimit, _cased, _column, _format, _separator);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert vocab --size 30522 --output vocab.txt wikipedia.txt books.txt.gz",
        "squeezebert vocab --size 8000 --output vocab.txt --text review reviews.csv",
        "zcat corpus/*.gz | squeezebert vocab --size 10000 --min-frequency 5 --cased --output vocab.txt -",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var files = arguments.GetValue(_files)!;
        var output = arguments.GetValue(_output)!;
        if (files.Count(file => file == InputFile.StandardInput) > 1)
            throw new UsageException("standard input ('-') can be read only once");
        if (Directory.Exists(output)) throw new UsageException($"{output} is a folder; --output names a file");
        var defaults = new VocabularyTrainerOptions();
        var trainer = new VocabularyTrainer(defaults with
        {
            Size = arguments.GetValue(_size)!.Value,
            MinFrequency = arguments.GetValue(_minFrequency) ?? defaults.MinFrequency,
            AlphabetLimit = arguments.GetValue(_alphabetLimit) ?? defaults.AlphabetLimit,
            Tokenizer = new BertTokenizerOptions { LowerCase = !arguments.GetValue(_cased) },
        });

        // The folder and every file are there before the first is read: reading may take minutes.
        if (Path.GetDirectoryName(output) is { Length: > 0 } folder) FileProblem.MakeFolder(folder);
        foreach (var file in files.Where(file => file != InputFile.StandardInput))
            InputFile.OpenBytes(file, console, cancellationToken).Dispose();
        var length = Math.Max(1, InputFile.Length(files));
        ProgressBar.Run(console, "counting words", tell =>
        {
            long read = 0;
            foreach (var file in files)
                Count(trainer, file, arguments, console, count => tell((double)(read += count) / length), cancellationToken);
            return read;
        });
        console.Error.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{trainer.TotalWords:N0} words, {trainer.DistinctWords:N0} different"));
        if (trainer.TotalWords == 0)
            throw new DataFormatException(string.Join(", ", files.Select(InputFile.Name)), null, "there is no word to train on");
        var vocabulary = ProgressBar.Run(console, "joining pieces", tell => trainer.Train(new Progress(tell), cancellationToken));
        VocabularyTrainer.Write(output, vocabulary);
        console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{output}: {vocabulary.Count:N0} tokens"));
        return ExitCode.Success;
    }

    private void Count(VocabularyTrainer trainer, string file, ParseResult arguments, ToolConsole console, Action<int> tell,
        CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_column) is { } column)
        {
            using var table = InputFile.OpenTable(
                file, console, SharedOptions.Table(file, arguments.GetValue(_format), arguments.GetValue(_separator), noHeader: false),
                cancellationToken, tell);
            table.RequireColumn(column);
            trainer.Add(table.ReadRows(cancellationToken).Select(row => row[column]), cancellationToken);
            return;
        }

        using var reader = new StreamReader(InputFile.OpenBytes(file, console, cancellationToken, tell));
        try
        {
            trainer.Add(reader, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new DataFormatException(InputFile.Name(file), null, "the compressed data is damaged or cut off", exception);
        }
    }

    private sealed class Progress(Action<double> tell) : IProgress<VocabularyTrainingProgress>
    {
        public void Report(VocabularyTrainingProgress value) => tell((double)value.Tokens / value.Size);
    }
}
