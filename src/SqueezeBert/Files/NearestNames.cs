namespace SqueezeBert.Files;

/// <summary>Sorts known names by their distance from an unknown one, for error messages.</summary>
internal static class NearestNames
{
    private const int MaxListed = 12;
    private const int MaxComparedLength = 100;

    /// <summary>Returns the nearest name. Among equally near names, the first one is returned.</summary>
    public static string First(string unknown, IEnumerable<string> known) => Order(unknown, known).First();

    /// <summary>Returns the names, nearest first. Equally near names keep their order.</summary>
    public static IEnumerable<string> Order(string unknown, IEnumerable<string> known) => known.OrderBy(name => Distance(unknown, name));

    /// <summary>
    /// Returns whether a known name is similar enough to be suggested: at most one letter in three differs, and one more.
    /// </summary>
    public static bool IsNear(string unknown, string name) => Distance(unknown, name) <= 1 + (unknown.Length / 3);

    /// <summary>Returns at most a dozen names, nearest first, as a list for a message.</summary>
    public static string List(string unknown, IEnumerable<string> known)
    {
        var ordered = Order(unknown, known).ToList();
        var list = string.Join(", ", ordered.Take(MaxListed).Select(name => $"'{name}'"));
        return ordered.Count > MaxListed ? $"{list}, …" : list;
    }

    /// <summary>
    /// Returns the Levenshtein distance, ignoring case. If the best match is a prefix of <paramref name="b"/>, it is the distance from that
    /// prefix plus one. Only the beginnings of long names are compared, and the rest of <paramref name="a"/> counts as different.
    /// </summary>
    public static int Distance(string a, string b)
    {
        var from = a.AsSpan(0, Math.Min(a.Length, MaxComparedLength));
        var to = b.AsSpan(0, Math.Min(b.Length, MaxComparedLength));
        var row = new int[to.Length + 1];
        for (var j = 0; j <= to.Length; j++) row[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var cost = char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]) ? 0 : 1;
                var best = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost);
                diagonal = row[j];
                row[j] = best;
            }
        }

        return Math.Min(row[^1], row.Min() + 1) + (a.Length - from.Length);
    }
}
