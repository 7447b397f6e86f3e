using System.Globalization;
using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation;

/// <summary>The words of a sentence and their tags.</summary>
/// <param name="Words">At least one; none has white space in it.</param>
/// <param name="Tags">One a word.</param>
/// <param name="Line">The line of the file, counted from 1, of the first word.</param>
public sealed record TaggedSentence(IReadOnlyList<string> Words, IReadOnlyList<string> Tags, long Line);

/// <summary>Sentences that are evaluated together.</summary>
/// <param name="Name">Their file.</param>
/// <param name="Sentences">The sentences, in the order of the file.</param>
public sealed record TaggedSet(string Name, IReadOnlyList<TaggedSentence> Sentences);

/// <summary>
/// Reads files in CoNLL's columns: one word per line, its columns separated by spaces or tabs, an empty line behind each sentence. Lines that
/// begin with "-DOCSTART-" say that a document begins, and are left out.
/// </summary>
public static class ConllReader
{
    /// <summary>The longest sentence in words; a longer one is an error, so that memory stays bounded whatever the file is.</summary>
    public const int MaximumWords = 100_000;

    private const string DocumentStart = "-DOCSTART-";
    private static readonly char[] Separators = [' ', '\t'];

    /// <summary>Reads a file, plain or gzip.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wordColumn">The column of the word, from 0.</param>
    /// <param name="tagColumn">The column of the tag, from 0; null for the last.</param>
    /// <param name="cancellationToken">Looked at before each sentence.</param>
    /// <exception cref="FileNotFoundException">There is no such file; the message has the nearest names.</exception>
    /// <exception cref="DataFormatException">A line lacks a column, or there is no sentence; the message names file and line.</exception>
    public static TaggedSet Read(
        string path, int wordColumn = 0, int? tagColumn = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = DataStream.OpenFile(path);
        return Read(stream, path, wordColumn, tagColumn, cancellationToken);
    }

    /// <summary>Reads an open file, which is closed at its end.</summary>
    /// <param name="stream">Text in UTF-8.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="wordColumn">The column of the word, from 0.</param>
    /// <param name="tagColumn">The column of the tag, from 0; null for the last.</param>
    /// <param name="cancellationToken">Looked at before each sentence.</param>
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
