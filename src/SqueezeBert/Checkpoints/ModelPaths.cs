namespace SqueezeBert.Checkpoints;

/// <summary>Messages for paths that do not exist.</summary>
internal static class ModelPaths
{
    private const int MostEntries = 1000;
    private const int MostNames = 3;

    /// <summary>An error that names the nearest existing paths. Nothing is ever downloaded in its place.</summary>
    public static InvalidModelFileException NotFound(string path)
    {
        var nearest = Nearest(path);
        return new InvalidModelFileException(path, null, nearest.Count == 0
            ? "no such file or folder (a name is a path on this machine, nothing is downloaded)"
            : $"no such file or folder; did you mean {string.Join(" or ", nearest.Select(name => $"'{name}'"))}?");
    }

    /// <summary>Existing paths like the one given, best first: the first part that does not exist is replaced by what is beside it.</summary>
    internal static IReadOnlyList<string> Nearest(string path)
    {
        try
        {
            var missing = path.TrimEnd('/', Path.DirectorySeparatorChar);
            var parent = Path.GetDirectoryName(missing);
            while (!string.IsNullOrEmpty(parent) && !Directory.Exists(parent))
            {
                missing = parent;
                parent = Path.GetDirectoryName(missing);
            }

            var wanted = Path.GetFileName(missing);
            if (wanted.Length is 0 or > 100) return [];
            return
            [
                .. Directory.EnumerateFileSystemEntries(string.IsNullOrEmpty(parent) ? "." : parent)
                    .Take(MostEntries)
                    .Select(entry => (Name: Path.GetFileName(entry), Distance: Distance(wanted, Path.GetFileName(entry))))
                    .Where(entry => entry.Name.Length <= 100 && entry.Distance <= 1 + (wanted.Length / 3))
                    .OrderBy(entry => entry.Distance).ThenBy(entry => entry.Name, StringComparer.Ordinal)
                    .Take(MostNames)
                    .Select(entry => string.IsNullOrEmpty(parent) ? entry.Name : Path.Combine(parent, entry.Name)),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    /// <summary>Levenshtein's distance, letters' case ignored; where the best match is a beginning of <paramref name="b"/>, the distance from that and one.</summary>
    internal static int Distance(string a, string b)
    {
        if (a.Length > 100 || b.Length > 100) return int.MaxValue;
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1;
                var best = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost);
                diagonal = row[j];
                row[j] = best;
            }
        }

        return Math.Min(row[^1], row.Min() + 1);
    }
}
