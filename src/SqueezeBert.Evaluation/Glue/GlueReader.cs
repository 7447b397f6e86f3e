using System.Globalization;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Evaluation.Glue;

namespace SqueezeBert.Evaluation;

/// <summary>A part of a GLUE task.</summary>
public enum GlueSplit
{
    /// <summary>The training set.</summary>
    Train,

    /// <summary>The development set, for evaluation.</summary>
    Dev,

    /// <summary>The test set without labels, which is predicted for the leaderboard.</summary>
    Test,
}

/// <summary>A set of examples of a GLUE task.</summary>
/// <param name="Name">The name of the task, or "MNLI-m" and "MNLI-mm".</param>
/// <param name="File">The path of the file.</param>
/// <param name="Examples">The examples. Those of a test set have no labels.</param>
/// <param name="SkippedLines">
/// The lines that were skipped, as is usual: rows of QQP that are broken by a line end inside a text, and rows of MNLI with the label "-",
/// on which the annotators did not agree.
/// </param>
public sealed record GlueSet(string Name, string File, IReadOnlyList<TextExample> Examples, IReadOnlyList<long> SkippedLines);

/// <summary>
/// Reads the official files of GLUE from a folder. They are tab-separated without quoting and have a header, except for the training and
/// development sets of CoLA. MRPC may also be Microsoft's own files with GLUE's list of ids (dev_ids.tsv) beside them.
/// </summary>
public static class GlueReader
{
    private const string NoAgreement = "-";

    /// <summary>Reads a part of a task. The result is one set, or two sets for the development and test parts of MNLI.</summary>
    /// <param name="task">The task.</param>
    /// <param name="folder">The folder of the task, or its parent folder ("glue" with "glue/MNLI").</param>
    /// <param name="split">The part to read.</param>
    /// <param name="cancellationToken">Cancels reading. It is checked before each row.</param>
    /// <exception cref="ArgumentException">The training set of a task without one (AX) was asked for.</exception>
    /// <exception cref="FileNotFoundException">A file is missing. The message contains the names that were looked for.</exception>
    /// <exception cref="DataFormatException">
    /// A column is missing, or a row is malformed. The message names the file and the line.
    /// </exception>
    public static IReadOnlyList<GlueSet> Read(
        GlueTask task, string folder, GlueSplit split, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (split == GlueSplit.Train && !task.HasTraining) throw new ArgumentException($"{task.Name} has no training set", nameof(split));
        var files = split == GlueSplit.Train ? task.Files.Take(1) : task.Files;
        return [.. files.Select(file => ReadFile(task, file, Find(task, file, folder, split), split, cancellationToken))];
    }

    private static string Find(GlueTask task, GlueFile file, string folder, GlueSplit split)
    {
        const string FullDiagnostic = "diagnostic-full.tsv";
        string[] names = split switch
        {
            GlueSplit.Test when !task.HasTraining => ["diagnostic.tsv", "AX.tsv", FullDiagnostic],
            _ when !task.HasTraining => [FullDiagnostic],
            GlueSplit.Train => ["train.tsv"],
            GlueSplit.Dev => [$"{file.Dev}.tsv"],
            _ => [$"{file.Dev.Replace("dev", "test", StringComparison.Ordinal)}.tsv"],
        };
        if (file.MayBeUndivided) names = [.. names, ParaphraseCorpus.FileOf(split)];
        var paths = names.SelectMany(name => (string[])[Path.Combine(folder, name), Path.Combine(folder, task.Name, name)]).ToList();
        return paths.Find(File.Exists) ?? throw new FileNotFoundException(
            $"{folder}: has no file of {task.Name}; looked for {string.Join(", ", paths)}", paths[0]);
    }

    private static GlueSet ReadFile(GlueTask task, GlueFile file, string path, GlueSplit split, CancellationToken cancellationToken)
    {
        using var lines = new LineReader(DataStream.OpenFile(path), path, TableOptions.DefaultMaximumRecordBytes);
        var columns = Columns(task, file, lines, path, split, out var isOfSplit);
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

            if (isOfSplit is not null && !isOfSplit(fields)) continue;
            var label = columns.Label is { } at ? fields[at] : "";
            var isLeftOut = columns.Label is not null
                && ((file.HasBrokenRows && !task.Values.Contains(label)) || (label == NoAgreement && !task.IsRegression));
            if (isLeftOut) skipped.Add(lines.Line);
            else examples.Add(new TextExample(fields[columns.Text], columns.Pair is { } pair ? fields[pair] : null, label, lines.Line));
        }

        return examples.Count > 0 ? new GlueSet(file.Name, path, examples, skipped)
            : throw new DataFormatException(path, null, "there is no row to evaluate");
    }

    private static Places Columns(
        GlueTask task, GlueFile file, LineReader lines, string path, GlueSplit split, out Func<string[], bool>? isOfSplit)
    {
        isOfSplit = null;
        if (split != GlueSplit.Test && file.TextNumber is { } text) return new Places(text, null, file.LabelNumber);
        var header = new TableColumns(path, lines.Read()?.Split('\t')
            ?? throw new DataFormatException(path, null, "the file is empty: the first line must name the columns"));
        if (file.MayBeUndivided && ParaphraseCorpus.IsUndivided(path)) isOfSplit = ParaphraseCorpus.Filter(path, header, split);
        var isPlain = !task.HasTraining && !header.Names.Contains(file.Text);
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
