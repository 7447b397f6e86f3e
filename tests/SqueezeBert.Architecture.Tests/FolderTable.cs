namespace SqueezeBert.Architecture.Tests;

/// <summary>The tables of docs/architecture.md that say which folder of a project may use which others of the same project.</summary>
public static class FolderTable
{
    /// <summary>Reads rows `| `PROJECT/FOLDER` | what it does | names of folders, or a dash |`.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> Read(string file)
    {
        var table = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(file))
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length != 5 || !cells[1].StartsWith("`SqueezeBert", StringComparison.Ordinal) || !cells[1].Contains('/')) continue;
            var folder = cells[1].Trim('`');
            var project = folder.Split('/')[0];
            table.Add(folder, cells[3].Split(',', StringSplitOptions.TrimEntries)
                .Where(name => name is not ("" or "–"))
                .Select(name => $"{project}/{name}")
                .ToHashSet(StringComparer.Ordinal));
        }

        return table;
    }
}
