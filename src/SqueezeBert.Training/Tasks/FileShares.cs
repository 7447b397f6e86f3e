using System.Globalization;

namespace SqueezeBert.Training.Tasks;

/// <summary>The accuracy on each file of a stage. A file that is evaluated twice, by other columns say, has two of them.</summary>
internal static class FileShares
{
    /// <summary>Adds a share under the name of its file, or "name (2)" and so on where that is taken.</summary>
    public static void Add(SortedDictionary<string, double> shares, string file, double share)
    {
        var name = file;
        for (var i = 2; !shares.TryAdd(name, share); i++) name = string.Create(CultureInfo.InvariantCulture, $"{file} ({i})");
    }
}
