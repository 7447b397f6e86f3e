using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation.Glue;

/// <summary>
/// The files of MRPC as Microsoft publishes them. GLUE's development set is the rows of the training file whose two ids stand in a list
/// that GLUE publishes; its training set is the other rows.
/// </summary>
internal static class ParaphraseCorpus
{
    private const string TrainFile = "msr_paraphrase_train.txt", TestFile = "msr_paraphrase_test.txt";

    private const string FirstId = "#1 ID", SecondId = "#2 ID";

    private static readonly string[] ListFiles = ["dev_ids.tsv", "mrpc_dev_ids.tsv"];

    /// <summary>The name of the file that holds a part.</summary>
    public static string FileOf(GlueSplit split) => split == GlueSplit.Test ? TestFile : TrainFile;

    /// <summary>Whether a file is one of Microsoft's, whose rows are yet to be divided.</summary>
    public static bool IsUndivided(string path) => Path.GetFileName(path) == TrainFile;

    /// <summary>Returns a filter for the fields of a row: whether it belongs to a part.</summary>
    /// <param name="path">The path of the training file; the list is looked for beside it.</param>
    /// <param name="header">The columns of the training file.</param>
    /// <param name="split">The training or the development set.</param>
    /// <exception cref="FileNotFoundException">There is no list.</exception>
    public static Func<string[], bool> Filter(string path, TableColumns header, GlueSplit split)
    {
        var lists = ListFiles.Select(name => Path.Combine(Path.GetDirectoryName(path) ?? "", name)).ToList();
        var list = lists.Find(File.Exists) ?? throw new FileNotFoundException(
            $"{path}: which of its rows are GLUE's development set is said by a list of ids that is not there; " +
                $"looked for {string.Join(", ", lists)}", lists[0]);
        var ids = ReadIds(list);
        int first = header.IndexOf(FirstId), second = header.IndexOf(SecondId);
        return fields => ids.Contains((fields[first], fields[second])) == (split == GlueSplit.Dev);
    }

    private static HashSet<(string, string)> ReadIds(string path)
    {
        using var lines = new LineReader(DataStream.OpenFile(path), path, TableOptions.DefaultMaximumRecordBytes);
        HashSet<(string, string)> ids = [];
        while (lines.Read() is { } line)
        {
            if (line.Length == 0) continue;
            var fields = line.Split('\t');
            if (fields.Length != 2)
                throw new DataFormatException(path, lines.Line, "a line must have two ids with a tab between them");
            ids.Add((fields[0].Trim(), fields[1].Trim()));
        }

        return ids.Count > 0 ? ids : throw new DataFormatException(path, null, "there is no id");
    }
}
