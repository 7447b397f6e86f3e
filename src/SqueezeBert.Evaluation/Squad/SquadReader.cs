using System.Globalization;
using System.Text;
using System.Text.Json;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Evaluation.Squad;

namespace SqueezeBert.Evaluation;

/// <summary>A right answer to a question.</summary>
/// <param name="Text">The text of the answer.</param>
/// <param name="Start">
/// The index of the answer in the context, in UTF-16 code units. Null if the context does not contain the text at the position in the file.
/// </param>
public readonly record struct SquadAnswer(string Text, int? Start);

/// <summary>A question about a paragraph.</summary>
/// <param name="Id">The id, which is unique in the file.</param>
/// <param name="Question">The question.</param>
/// <param name="Context">The paragraph. All questions about it share the same string.</param>
/// <param name="Answers">The right answers. Empty if the paragraph does not contain an answer.</param>
public sealed record SquadQuestion(string Id, string Question, string Context, IReadOnlyList<SquadAnswer> Answers);

/// <summary>A set of questions that are evaluated together.</summary>
/// <param name="Name">The name of the file.</param>
/// <param name="Questions">The questions, in the order of the file.</param>
public sealed record SquadSet(string Name, IReadOnlyList<SquadQuestion> Questions)
{
    /// <summary>Version 2.0 if any question has no answer, otherwise version 1.1.</summary>
    public SquadVersion Version => Questions.Any(question => question.Answers.Count == 0) ? SquadVersion.V2 : SquadVersion.V1;
}

/// <summary>
/// Reads the JSON files of SQuAD 1.1 and 2.0, and of other data sets in the same format. A file may be compressed with gzip.
/// </summary>
public static class SquadReader
{
    /// <summary>The largest size of a file in bytes, after decompression. The files of SQuAD have 5 to 42 MB.</summary>
    public const int MaximumBytes = 256 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="cancellationToken">Cancels reading. It is checked before each paragraph.</param>
    /// <exception cref="FileNotFoundException">The file does not exist. The message contains the nearest names.</exception>
    /// <exception cref="DataFormatException">
    /// The file is not JSON or larger than <see cref="MaximumBytes"/>, a field is missing or has the wrong type, or an id occurs twice. The
    /// message names the place.
    /// </exception>
    public static SquadSet Read(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = DataStream.OpenFile(path);
        return Read(stream, path, cancellationToken);
    }

    /// <summary>Reads a stream, which is left open.</summary>
    /// <param name="stream">The JSON text, in UTF-8.</param>
    /// <param name="name">The name of the file in messages.</param>
    /// <param name="cancellationToken">Cancels reading. It is checked before each paragraph.</param>
    /// <inheritdoc cref="Read(string, CancellationToken)" path="/exception"/>
    public static SquadSet Read(Stream stream, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var json = Parse(WholeFile.Read(stream, name, MaximumBytes, cancellationToken), name);
        var questions = new List<SquadQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var root = new JsonPlace(name, "", json.RootElement);
        foreach (var paragraph in root.Items("data").SelectMany(article => article.Items("paragraphs")))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var context = paragraph.Text("context");
            foreach (var question in paragraph.Items("qas"))
            {
                var id = question.Text("id");
                if (!ids.Add(id)) throw question.Error($"the id '{id}' was there before");
                questions.Add(new SquadQuestion(
                    id, question.Text("question"), context, [.. question.Items("answers").Select(answer => Answer(answer, context))]));
            }
        }

        return questions.Count > 0 ? new SquadSet(name, questions) : throw new DataFormatException(name, null, "has no question");
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> utf8, string name)
    {
        try
        {
            var text = utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
            _ = StrictUtf8.GetCharCount(text.Span);
            return JsonDocument.Parse(text);
        }
        catch (DecoderFallbackException exception)
        {
            var line = utf8.Span[..Math.Clamp(exception.Index, 0, utf8.Length)].Count((byte)'\n') + 1;
            throw new DataFormatException(name, line, "the text is not valid UTF-8", exception);
        }
        catch (JsonException exception)
        {
            throw new DataFormatException(name, exception.LineNumber + 1, string.Create(CultureInfo.InvariantCulture,
                $"invalid JSON at byte {exception.BytePositionInLine + 1} of the line; is the file cut off?"), exception);
        }
    }

    // Python counts characters, which are one or two code units.
    private static SquadAnswer Answer(JsonPlace answer, string context)
    {
        var text = answer.Text("text");
        var characters = answer.Number("answer_start");
        var start = 0;
        for (; characters > 0 && start < context.Length; characters--)
            start += start + 1 < context.Length && char.IsSurrogatePair(context, start) ? 2 : 1;
        var isThere = characters == 0 && string.CompareOrdinal(context, start, text, 0, text.Length) == 0;
        return new SquadAnswer(text, isThere ? start : null);
    }
}
