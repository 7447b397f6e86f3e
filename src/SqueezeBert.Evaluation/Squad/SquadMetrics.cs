using System.Text;
using SqueezeBert.Evaluation.Squad;

namespace SqueezeBert.Evaluation;

/// <summary>The version of SQuAD, whose official script computes the scores.</summary>
public enum SquadVersion
{
    /// <summary>SQuAD 1.1: every question has an answer. A question without a prediction counts as wrong.</summary>
    V1,

    /// <summary>SQuAD 2.0: a question may have no answer. A question without a prediction is ignored.</summary>
    V2,
}

/// <summary>The official SQuAD scores of one answer.</summary>
public static class SquadMetrics
{
    /// <summary>
    /// Normalizes a text for comparison: lower case, without ASCII punctuation, without the words "a", "an" and "the", and with one space
    /// between words.
    /// </summary>
    /// <param name="text">The text.</param>
    public static string Normalize(string text) => string.Join(' ', Words(text));

    /// <summary>Returns whether prediction and answer are equal after normalization.</summary>
    /// <param name="prediction">The predicted text.</param>
    /// <param name="answer">The right answer.</param>
    public static bool IsExact(string prediction, string answer) => Words(prediction).AsSpan().SequenceEqual(Words(answer));

    /// <summary>Returns the F1 of the words that prediction and answer share, 0 to 1.</summary>
    /// <param name="prediction">The predicted text.</param>
    /// <param name="answer">The right answer.</param>
    /// <param name="version">
    /// The version, which matters if a text has no words. The result is then 0 in version 1.1. In version 2.0 it is 1 if neither text has
    /// words.
    /// </param>
    public static double F1(string prediction, string answer, SquadVersion version)
    {
        var predicted = Words(prediction);
        var right = Words(answer);
        if (version == SquadVersion.V2 && (predicted.Length == 0 || right.Length == 0)) return predicted.Length == right.Length ? 1 : 0;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in right) counts[word] = counts.GetValueOrDefault(word) + 1;
        var common = 0;
        foreach (var word in predicted)
        {
            var left = counts.GetValueOrDefault(word);
            if (left == 0) continue;
            counts[word] = left - 1;
            common++;
        }

        if (common == 0) return 0;
        var precision = (double)common / predicted.Length;
        var recall = (double)common / right.Length;
        return 2 * precision * recall / (precision + recall);
    }

    /// <summary>Returns the best scores of a prediction over all right answers.</summary>
    /// <param name="prediction">The predicted text, or "" for no answer.</param>
    /// <param name="answers">
    /// The right answers. In version 2.0, answers without words are ignored, and without any answer "" is right.
    /// </param>
    /// <param name="version">The version whose rules are used.</param>
    public static (bool IsExact, double F1) Score(string prediction, IReadOnlyList<string> answers, SquadVersion version)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(answers);
        var right = version == SquadVersion.V1 ? answers : [.. answers.Where(answer => Words(answer).Length > 0)];
        if (version == SquadVersion.V2 && right.Count == 0) right = [""];
        var (isExact, f1) = (false, 0.0);
        foreach (var answer in right)
        {
            isExact |= IsExact(prediction, answer);
            f1 = Math.Max(f1, F1(prediction, answer, version));
        }

        return (isExact, f1);
    }

    private static string[] Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var kept = new StringBuilder(text.Length);
        foreach (var c in PythonText.Lower(text))
        {
            if (!(char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c)))) kept.Append(c);
        }

        var spaced = WithoutArticles(kept.ToString());
        var words = new List<string>();
        var start = 0;
        for (var i = 0; i <= spaced.Length; i++)
        {
            if (i < spaced.Length && !PythonText.IsSpace(spaced[i])) continue;
            if (i > start) words.Add(spaced[start..i]);
            start = i + 1;
        }

        return [.. words];
    }

    // Each article that is a whole run of letters and digits becomes a space.
    private static string WithoutArticles(string text)
    {
        var result = new StringBuilder(text.Length);
        var start = 0;
        for (var i = 0; i <= text.Length;)
        {
            var length = 1;
            if (i < text.Length && Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out length) == System.Buffers.OperationStatus.Done
                && PythonText.IsWord(rune))
            {
                i += length;
                continue;
            }

            if (text.AsSpan(start, i - start) is "a" or "an" or "the") result.Append(' ');
            else result.Append(text, start, i - start);
            if (i == text.Length) break;
            result.Append(text, i, length);
            i += length;
            start = i;
        }

        return result.ToString();
    }
}
