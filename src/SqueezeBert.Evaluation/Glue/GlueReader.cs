using System.Globalization;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Evaluation.Glue;

namespace SqueezeBert.Evaluation;

/// <summary>Which part of a GLUE task is read.</summary>
public enum GlueSplit
{
    /// <summary>To train on.</summary>
    Train,

    /// <summary>To measure on.</summary>
    Dev,

    /// <summary>Without labels, to be predicted for the leaderboard.</summary>
    Test,
}

/// <summary>Examples of a GLUE task.</summary>
/// <param name="Name">The task, or "MNLI-m" and "MNLI-mm".</param>
/// <param name="File">The file.</param>
/// <param name="Examples">Its examples; of a test set without labels.</param>
/// <param name="SkippedLines">
/// Lines that were left out, as everyone does: rows of QQP that a line end inside of a text has broken, rows of MNLI that have "-" for a
/// label because the annotators did not agree.
/// </param>
public sealed record GlueSet(string Name, string File, IReadOnlyList<TextExample> Examples, IReadOnlyList<long> SkippedLines);

/// <summary>
/// Reads the official files of GLUE from a folder: tab-separated, nothing quoted, with a header (CoLA's train and dev sets without).
/// </summary>
public static class GlueReader
{
    private const string NoAgreement = "-";
    private const string Diagnostic = "AX";

    /// <summary>Reads a part of a task: one set, or of MNLI's dev and test parts two.</summary>
    /// <param name="task">The task.</param>
    /// <param name="folder">The task's folder, or the one that has it ("glue" with "glue/MNLI").</param>
    /// <param name="split">Which part.</param>
    /// <param name="cancellationToken">Looked at before each row.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message says which names were looked for.</exception>
    /// <exception cref="DataFormatException">A column is missing or a row malformed; the message names file and line.</exception>
    public static IReadOnlyList<GlueSet> Read(
        GlueTask task, string folder, GlueSplit split, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var files = split == GlueSplit.Train ? task.Files.Take(1) : task.Files;
        return [.. files.Select(file => ReadFile(task, file, Find(task, file, folder, split), split, cancellationToken))];
    }

    private static string Find(GlueTask task, GlueFile file, string folder, GlueSplit split)
    {
        const string FullDiagnostic = "diagnostic-full.tsv";
        string[] names = split switch
        {
            GlueSplit.Test when task.Name == Diagnostic => ["diagnostic.tsv", "AX.tsv", FullDiagnostic],
            _ when task.Name == Diagnostic => [FullDiagnostic],
            GlueSplit.Train => ["train.tsv"],
            GlueSplit.Dev => [$"{file.Dev}.tsv"],
            _ => [$"{file.Dev.Replace("dev", "test", StringComparison.Ordinal)}.tsv"],
        };
        var paths = names.SelectMany(name => (string[])[Path.Combine(folder, name), Path.Combine(folder, task.Name, name)]).ToList();
        return paths.Find(File.Exists) ?? throw new FileNotFoundException(
            $"{folder}: has no file of {task.Name}; looked for {string.Join(", ", paths)}", paths[0]);
    }

    private static GlueSet ReadFile(GlueTask task, GlueFile file, string path, GlueSplit split, CancellationToken cancellationToken)
    {
        using var lines = new LineReader(DataStream.OpenFile(path), path, TableOptions.DefaultMaximumRecordBytes);
        var columns = Columns(task, file, lines, path, split);
        var examples = new List<TextExample>();
        var skipped = new List<long>();
        while (lines.Read() is { } line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (line.Length == 0) continue;
            var fields = line.Split('\t');
            if (fields.Length < columns.Needed)
            {
                // The test set's rows are numbered, so that none may be missing.
                if (!file.HasBrokenRows || split == GlueSplit.Test)
                    throw new DataFormatException(path, lines.Line, string.Create(CultureInfo.InvariantCulture,
                        $"{fields.Length} fields where a row of {task.Name} has at least {columns.Needed}"));
                skipped.Add(lines.Line);
                continue;
            }

            var label = columns.Label is { } at ? fields[at] : "";
            var isLeftOut = columns.Label is not null
                && ((file.HasBrokenRows && !task.Values.Contains(label)) || (label == NoAgreement && !task.IsRegression));
            if (isLeftOut) skipped.Add(lines.Line);
            else examples.Add(new TextExample(fields[columns.Text], columns.Pair is { } pair ? fields[pair] : null, label, lines.Line));
        }

        return examples.Count > 0 ? new GlueSet(file.Name, path, examples, skipped)
            : throw new DataFormatException(path, null, "there is no row to evaluate");
    }

    private static Places Columns(GlueTask task, GlueFile file, LineReader lines, string path, GlueSplit split)
    {
        if (split != GlueSplit.Test && file.TextNumber is { } text) return new Places(text, null, file.LabelNumber);
        var header = new TableColumns(path, lines.Read()?.Split('\t')
            ?? throw new DataFormatException(path, null, "the file is empty: the first line must name the columns"));
        var isPlain = task.Name == Diagnostic && !header.Names.Contains(file.Text);
        return new Places(
            header.IndexOf(isPlain ? "sentence1" : file.Text),
            file.Pair is null ? null : header.IndexOf(isPlain ? "sentence2" : file.Pair),
            split == GlueSplit.Test ? null : header.IndexOf(file.Label));
    }

    private readonly record struct Places(int Text, int? Pair, int? Label)
    {
        public int Needed => Math.Max(Text, Math.Max(Pair ?? 0, Label ?? 0)) + 1;
    }
}
