using System.Text.Json.Nodes;
using SqueezeBert.Cli.CommandLine;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Texts;

/// <summary>How near a text is to the one that it is compared with.</summary>
/// <param name="Score">More is nearer.</param>
/// <param name="IsTruncated">Whether some of either was not read.</param>
/// <param name="WindowCount">Windows of the one that was read in more.</param>
internal readonly record struct TextScore(float Score, bool IsTruncated, int WindowCount)
{
    /// <summary>How near two texts are by their vectors.</summary>
    public static TextScore Of(TextEmbedding a, TextEmbedding b) =>
        new(a.Similarity(b), a.Read.IsTruncated || b.Read.IsTruncated, Math.Max(a.Read.WindowCount, b.Read.WindowCount));

    /// <summary>The best first, as many as are wanted; of equal ones the earlier.</summary>
    public static IReadOnlyList<(InputText Input, TextScore Answer)> Best(
        IEnumerable<(InputText Input, TextScore Answer)> scored, int? top) =>
        [.. scored.OrderByDescending(text => text.Answer.Score).Take(top ?? int.MaxValue)];

    /// <summary>Checks what a command that compares one text with many was given.</summary>
    /// <param name="texts">Of the command line: the one, and the others unless a file has them.</param>
    /// <param name="hasFile">Whether there is a file.</param>
    /// <param name="arePairs">Whether each row of it has a text of its own to compare with.</param>
    /// <param name="hasTop">Whether only the best are to be shown.</param>
    /// <param name="one">What the command calls the one: "the query".</param>
    /// <param name="others">What it calls the others: "the texts".</param>
    public static void CheckTexts(int texts, bool hasFile, bool arePairs, bool hasTop, string one, string others)
    {
        if (arePairs && (texts > 0 || hasTop))
            throw new UsageException($"with --pair, each row has {one} of its own: give neither a text nor --top");
        if (texts == 0 && !arePairs) throw new UsageException($"give {one}");
        if (hasFile && texts > 1) throw new UsageException($"with --file, give {one} alone: {others} are in the file");
        if (!hasFile && texts == 1) throw new UsageException($"give {others} behind {one}, or --file FILE");
    }
}

/// <summary>Scores of texts, of `similar` and `rerank`.</summary>
/// <param name="hasWindows">Whether an object tells the number of windows.</param>
internal sealed class ScoreFormat(bool hasWindows) : AnswerFormat<TextScore>
{
    public override IReadOnlyList<string> Names { get; } = hasWindows ? ["score", "truncated", "windows"] : ["score", "truncated"];

    public override bool IsTruncated(TextScore answer) => answer.IsTruncated;

    public override void WritePlain(TextWriter output, InputText input, TextScore answer) =>
        output.WriteLine($"{Plain(answer.Score)}  {Mark(answer.IsTruncated)}{Excerpt.Of(input.Text)}");

    public override IEnumerable<JsonNode?> Values(TextScore answer)
    {
        yield return Number(answer.Score);
        yield return answer.IsTruncated;
        if (hasWindows) yield return answer.WindowCount;
    }
}
