using System.Globalization;
using System.IO.Compression;
using System.Text;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Writes the zip file that the GLUE leaderboard accepts. It contains a file "index, prediction" for each test set. Rows are numbered from
/// 0, labels are written as in <see cref="GlueTask.Values"/>, and numbers have three decimals.
/// </summary>
public static class GlueSubmission
{
    private const double HighestScore = 5;
    private const int MaxEntryBytes = 64 << 20;

    // Files with the same predictions have the same bytes.
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// The names of the files of a complete submission, without extension. The leaderboard accepts only complete submissions.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } = [.. GlueTask.All.SelectMany(task => task.Files).Select(file => file.Name)];

    /// <summary>Formats a predicted number as in a submission. It is limited to the range 0 to 5.</summary>
    /// <param name="score">The predicted number.</param>
    public static string Text(double score) =>
        (double.IsNaN(score) ? 0 : Math.Clamp(score, 0, HighestScore)).ToString("F3", CultureInfo.InvariantCulture);

    /// <summary>
    /// Adds the predictions of a test set to a zip file and keeps those of other test sets. The old file is kept if an error occurs.
    /// </summary>
    /// <param name="path">The path of the zip file, which is created if it does not exist.</param>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="predictions">One prediction per row, in the order of the test set.</param>
    /// <returns>The <see cref="Names"/> that are still missing in the zip file.</returns>
    /// <exception cref="ArgumentException">There is no test set of that name.</exception>
    /// <exception cref="DataFormatException">The existing file is not a zip file, or it has entries of excessive size.</exception>
    public static IReadOnlyList<string> Put(string path, string name, IEnumerable<string> predictions)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(predictions);
        if (!Names.Contains(name)) throw new ArgumentException($"a submission has no '{name}'", nameof(name));
        var entries = Read(path);
        entries[name] = Encoding.UTF8.GetBytes(string.Concat(
            predictions.Select((prediction, index) => string.Create(CultureInfo.InvariantCulture, $"{index}\t{prediction}\n"))
                .Prepend("index\tprediction\n")));
        AtomicFile.Write(path, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var known in Names.Where(entries.ContainsKey))
            {
                var entry = zip.CreateEntry($"{known}.tsv");
                entry.LastWriteTime = Time;
                using var target = entry.Open();
                target.Write(entries[known]);
            }
        });
        return [.. Names.Where(known => !entries.ContainsKey(known))];
    }

    private static Dictionary<string, byte[]> Read(string path)
    {
        var entries = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (!File.Exists(path)) return entries;
        try
        {
            using var zip = ZipFile.OpenRead(path);
            foreach (var name in Names)
            {
                if (zip.GetEntry($"{name}.tsv") is not { } entry) continue;
                if (entry.Length > MaxEntryBytes) throw new DataFormatException(path, null, $"{name}.tsv in it is too large");
                using var source = entry.Open();
                var bytes = new byte[entry.Length];
                source.ReadExactly(bytes);
                entries[name] = bytes;
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw new DataFormatException(path, null, "is no zip file, or a damaged one; remove it", exception);
        }

        return entries;
    }
}
