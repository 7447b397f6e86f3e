namespace SqueezeBert.Evaluation.Data;

/// <summary>Orders known names by their distance from one that is not known, for error messages.</summary>
internal static class NearestNames
{
    private const int Shown = 12;
    private const int MaxComparedLength = 100;

    /// <summary>The names, nearest first; ties in the order given.</summary>
    public static IEnumerable<string> Order(string unknown, IEnumerable<string> known) =>
        known.Select(name => (name, distance: Distance(unknown, name))).OrderBy(pair => pair.distance).Select(pair => pair.name);

    /// <summary>At most a dozen names, nearest first, as a list for a message.</summary>
    public static string List(string unknown, IEnumerable<string> known)
    {
        var ordered = Order(unknown, known).ToList();
        var list = string.Join(", ", ordered.Take(Shown).Select(name => $"'{name}'"));
        return ordered.Count > Shown ? $"{list}, …" : list;
    }

    /// <summary>"; nearest: a, b" with up to three names that stand where the path should, or nothing.</summary>
    public static string OfMissingPath(string path)
    {
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            var wanted = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
            if (folder is null || !Directory.Exists(folder)) return folder is null ? "" : $" (there is no folder '{folder}')";
            var names = Order(wanted, Directory.EnumerateFileSystemEntries(folder).Take(10_000).Select(entry => Path.GetFileName(entry)!))
                .Take(3).ToList();
            return names.Count == 0 ? "" : $"; nearest: {string.Join(", ", names.Select(name => $"'{name}'"))}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }

    /// <summary>Edit distance without regard to case; long names are compared by their start.</summary>
    public static int Distance(string left, string right)
    {
        var a = left[..Math.Min(left.Length, MaxComparedLength)].ToUpperInvariant();
        var b = right[..Math.Min(right.Length, MaxComparedLength)].ToUpperInvariant();
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
