using System.Text;

namespace SqueezeBert.Fuzz;

/// <summary>A reader and what it is fed with.</summary>
/// <param name="Name">For the command line and the report.</param>
/// <param name="Corpus">Good files, the small ones first.</param>
/// <param name="Words">Pieces that the format is made of.</param>
/// <param name="IsText">Whether numbers are written as text.</param>
/// <param name="Read">Reads everything a file has. The buffer takes the elements of tensors.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Corpus, IReadOnlyList<byte[]> Words, bool IsText,
    Action<byte[], float[]> Read)
{
    /// <summary>Makes checksums and lengths right again, so that a change is seen behind them; null: nothing to repair.</summary>
    public Action<byte[]>? Repair { get; init; }

    /// <summary>Of the corpus the first so many are taken nearly always.</summary>
    public int SmallCount { get; init; } = Corpus.Count;

    public static IReadOnlyList<byte[]> Texts(params ReadOnlySpan<string> words)
    {
        var result = new List<byte[]>();
        foreach (var word in words) result.Add(Encoding.UTF8.GetBytes(word));
        return result;
    }
}
