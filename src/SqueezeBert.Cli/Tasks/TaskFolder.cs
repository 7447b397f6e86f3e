using SqueezeBert.Evaluation;
using SqueezeBert.Evaluation.Glue;

namespace SqueezeBert.Cli.Tasks;

/// <summary>Finds what a folder has to measure models on, by the names of the official files.</summary>
internal static class TaskFolder
{
    private const int MaxFolders = 1000;

    /// <summary>
    /// The tasks of a folder: GLUE's by the names of their folders, dev-*.json as SQuAD's, valid.txt and dev.txt as CoNLL's columns,
    /// folders with a corpus.jsonl as BEIR's; each in the folder itself or one below it.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="DataFormatException">It has none of the files.</exception>
    public static IReadOnlyList<ReportTask> Find(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"{folder}: no such folder");
        var tasks = new List<ReportTask>();
        foreach (var task in GlueTask.All)
        {
            string[] names = task.Name switch
            {
                "MNLI" => ["dev_matched.tsv"],
                "MRPC" => ["dev.tsv", ParaphraseCorpus.FileOf(GlueSplit.Dev)],
                _ => [task.HasTraining ? "dev.tsv" : "diagnostic-full.tsv"],
            };
            if (names.Any(name => File.Exists(Path.Combine(folder, task.Name, name)))) tasks.Add(new GlueReportTask(task, folder));
        }

        var folders = Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Take(MaxFolders).Prepend(folder);
        foreach (var one in folders)
        {
            var name = Path.GetFileName(Path.GetFullPath(one));
            foreach (var path in Directory.EnumerateFiles(one, "dev-*.json").Order(StringComparer.Ordinal))
                tasks.Add(new AnswerReportTask(Path.GetFileNameWithoutExtension(path), path));
            foreach (var path in ((string[])["valid.txt", "dev.txt"]).Select(file => Path.Combine(one, file)).Where(File.Exists))
                tasks.Add(new TagReportTask(name, path));
            if (File.Exists(Path.Combine(one, "corpus.jsonl"))) tasks.Add(new RetrievalReportTask(name, one));
        }

        return tasks.Count > 0 ? tasks : throw new DataFormatException(folder, null,
            "has no task: folders of GLUE (SST-2/dev.tsv), dev-*.json of SQuAD, valid.txt in CoNLL's columns, corpus.jsonl of BEIR");
    }
}
