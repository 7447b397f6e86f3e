using System.Text.Json;
using SqueezeBert.Evaluation;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Benchmarks;

/// <summary>
/// Real texts of a file that the user names: a column of a table (FILE:COLUMN), one text per line (.txt), or SQuAD's questions with their
/// paragraphs (.json).
/// </summary>
internal static class TextFile
{
    /// <summary>Some of the file's texts, drawn evenly from all of it, the same ones each time, as token ids.</summary>
    /// <param name="argument">FILE or FILE:COLUMN.</param>
    /// <param name="tokenizer">Whose ids.</param>
    /// <param name="count">How many.</param>
    /// <param name="maximumLength">Tokens at most; longer texts are truncated.</param>
    /// <exception cref="ArgumentException">The file has fewer texts.</exception>
    public static IReadOnlyList<TokenText> Read(string argument, BertTokenizer tokenizer, int count, int maximumLength)
    {
        var random = new Random(1);
        var kept = new List<(string Text, string? Pair)>();
        var seen = 0;
        foreach (var text in All(argument))
        {
            // Reservoir sampling: after n texts each of them is kept with probability count / n.
            seen++;
            if (kept.Count < count) kept.Add(text);
            else if (random.Next(seen) is var place && place < count) kept[place] = text;
        }

        if (kept.Count < count) throw new ArgumentException($"{argument} has {kept.Count} texts, {count} are wanted (--count)");
        var options = new EncodingOptions { MaxLength = maximumLength, ReturnOffsets = false };
        return [.. kept.Select(text => text.Pair is null ? tokenizer.Encode(text.Text, options)
            : tokenizer.Encode(text.Text, text.Pair, options))
            .Select(encoding => new TokenText(encoding.Ids.ToArray(), encoding.TypeIds.ToArray()))];
    }

    private static IEnumerable<(string Text, string? Pair)> All(string argument)
    {
        var (file, column) = Split(argument);
        if (Path.GetExtension(file) == ".json") return Squad(file);
        return ExampleReader.Read(file, column ?? "text").Select(example => (example.Text, (string?)null));
    }

    // A colon near the start is a drive's.
    private static (string File, string? Column) Split(string argument)
    {
        var colon = argument.LastIndexOf(':');
        return colon > 1 ? (argument[..colon], argument[(colon + 1)..]) : (argument, null);
    }

    private static IEnumerable<(string Text, string? Pair)> Squad(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        foreach (var article in document.RootElement.GetProperty("data").EnumerateArray())
        {
            foreach (var paragraph in article.GetProperty("paragraphs").EnumerateArray())
            {
                var context = paragraph.GetProperty("context").GetString()!;
                foreach (var question in paragraph.GetProperty("qas").EnumerateArray())
                    yield return (question.GetProperty("question").GetString()!, context);
            }
        }
    }
}
