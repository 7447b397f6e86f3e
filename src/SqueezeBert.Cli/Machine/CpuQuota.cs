using System.Globalization;

namespace SqueezeBert.Cli.Machine;

/// <summary>The CPU time that a Linux container may use, in cores, where a control group limits it.</summary>
internal static class CpuQuota
{
    /// <summary>The smallest limit of the process's groups; null: none, or none that shows.</summary>
    /// <param name="root">Where the file system begins; a test gives another.</param>
    public static double? Find(string root = "/")
    {
        try
        {
            var groups = File.ReadLines(Path.Combine(root, "proc/self/cgroup")).Select(line => line.Split(':', 3))
                .Where(parts => parts.Length == 3).ToList();
            var controllers = Path.Combine(root, "sys/fs/cgroup");
            var limits = groups.SelectMany(parts => parts[1].Length == 0
                ? Levels(controllers, parts[2]).Select(folder => Limit(Path.Combine(folder, "cpu.max")))
                : parts[1].Split(',').Contains("cpu") ? Levels(Path.Combine(controllers, "cpu"), parts[2]).Select(OldLimit) : []);
            return limits.Min();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A group is under the limits of those above it. Inside a container the path may be the host's, of which only the root is there.
    private static IEnumerable<string> Levels(string root, string group)
    {
        yield return root;
        var folder = root;
        foreach (var part in group.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            folder = Path.Combine(folder, part);
            yield return folder;
        }
    }

    // "150000 100000": microseconds of a period; "max 100000": no limit.
    private static double? Limit(string file) => Read(file)?.Split(' ') is [var quota, var period] ? Share(quota, period) : null;

    private static double? OldLimit(string folder) =>
        Share(Read(Path.Combine(folder, "cpu.cfs_quota_us")), Read(Path.Combine(folder, "cpu.cfs_period_us")));

    private static double? Share(string? quota, string? period) =>
        double.TryParse(quota, CultureInfo.InvariantCulture, out var used)
            && double.TryParse(period, CultureInfo.InvariantCulture, out var whole) && used > 0 && whole > 0 ? used / whole : null;

    private static string? Read(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : null;
}
