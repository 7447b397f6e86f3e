using System.Globalization;
using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation;

/// <summary>A sentence as words with their tags.</summary>
/// <param name="Words">The words; at least one. They contain no white space.</param>
/// <param name="Tags">One tag per word.</param>
/// <param name="Line">The line of the first word in the file, counted from 1.</param>
public sealed record TaggedSentence(IReadOnlyList<string> Words, IReadOnlyList<string> Tags, long Line);

/// <summary>A set of sentences that are evaluated together.</summary>
/// <param name="Name">The name of the file.</param>
/// <param name="Sentences">The sentences, in the order of the file.</param>
public sealed record TaggedSet(string Name, IReadOnlyList<TaggedSentence> Sentences);

/// <summary>
/// Reads files in the column format of CoNLL. Each line is a word with its columns, separated by spaces or tabs, and an empty line ends
/// each sentence. Lines that begin with "-DOCSTART-" mark the beginning of a document and are skipped.
/// </summary>
public static class ConllReader
{
    /// <summary>The largest number of words of a sentence. A longer sentence is an error, which limits the memory for any file.</summary>
    public const int MaximumWords = 100_000;

    private const string DocumentStart = "-DOCSTART-";
    private static readonly char[] Separators = [' ', '\t'];

    /// <summary>Reads a file, which may be compressed with gzip.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="wordColumn">The column of the word, from 0.</param>
    /// <param name="tagColumn">The column of the tag, from 0. Null means the last column.</param>
    /// <param name="cancellationToken">Cancels reading. It is checked before each sentence.</param>
    /// <exception cref="FileNotFoundException">The file does not exist. The message contains the nearest names.</exception>
    /// <exception cref="DataFormatException">
    /// A line lacks a column, or there is no sentence. The message names the file and the line.
    /// </exception>
    public static TaggedSet Read(
        string path, int wordColumn = 0, int? tagColumn = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = DataStream.OpenFile(path);
        return Read(stream, path, wordColumn, tagColumn, cancellationToken);
    }

    /// <summary>Reads a stream, which is closed at its end.</summary>
    /// <param name="stream">The text, in UTF-8.</param>
    /// <param name="name">The name of the file in messages.</param>
    /// <param name="wordColumn">The column of the word, from 0.</param>
    /// <param name="tagColumn">The column of the tag, from 0. Null means the last column.</param>
    /// <param name="cancellationToken">Cancels reading. It is checked before each sentence.</param>
    /// <inheritdoc cref="Read(string, int, int?, CancellationToken)" path="/exception"/>
    public static TaggedSet Read(
        Stream stream, string name, int wordColumn = 0, int? tagColumn = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(wordColumn);
        if (tagColumn is { } asked) ArgumentOutOfRangeException.ThrowIfNegative(asked, nameof(tagColumn));
        using var lines = new LineReader(stream, name, TableOptions.DefaultMaximumRecordBytes);
        var needed = Math.Max(wordColumn, tagColumn ?? wordColumn + 1) + 1;
        var sentences = new List<TaggedSentence>();
        var (words, tags, start) = (new List<string>(), new List<string>(), 0L);
        while (true)
        {
            var line = lines.Read();
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith(DocumentStart, StringComparison.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (words.Count > 0) sentences.Add(new TaggedSentence(words, tags, start));
                (words, tags) = ([], []);
                if (line is null) break;
                continue;
            }

            var fields = line.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < needed)
                throw new DataFormatException(name, lines.Line, string.Create(CultureInfo.InvariantCulture,
                    $"{fields.Length} columns where {needed} are needed: the word and its tag, separated by a space or a tab"));
            if (words.Count == MaximumWords)
                throw new DataFormatException(
                    name, start, $"the sentence has more than {MaximumWords} words: are the empty lines missing?");
            if (words.Count == 0) start = lines.Line;
            words.Add(fields[wordColumn]);
            tags.Add(tagColumn is { } at ? fields[at] : fields[^1]);
        }

        return sentences.Count > 0 ? new TaggedSet(name, sentences) : throw new DataFormatException(name, null, "has no sentence");
    }
}
