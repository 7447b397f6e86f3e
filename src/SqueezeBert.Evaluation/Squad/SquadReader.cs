using System.Globalization;
using System.Text;
using System.Text.Json;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Evaluation.Squad;

namespace SqueezeBert.Evaluation;

/// <summary>A right answer to a question.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Start">
/// Where it starts in the context, in UTF-16 code units; null where the file's place does not hold the text.
/// </param>
public readonly record struct SquadAnswer(string Text, int? Start);

/// <summary>A question about a paragraph.</summary>
/// <param name="Id">Unique in its file.</param>
/// <param name="Question">The question.</param>
/// <param name="Context">The paragraph; one string for all of its questions.</param>
/// <param name="Answers">The right answers; none where the paragraph has none.</param>
public sealed record SquadQuestion(string Id, string Question, string Context, IReadOnlyList<SquadAnswer> Answers);

/// <summary>Questions that are evaluated together.</summary>
/// <param name="Name">Their file.</param>
/// <param name="Questions">The questions, in the order of the file.</param>
public sealed record SquadSet(string Name, IReadOnlyList<SquadQuestion> Questions)
{
    /// <summary>Version 2.0 where any question has no answer.</summary>
    public SquadVersion Version => Questions.Any(question => question.Answers.Count == 0) ? SquadVersion.V2 : SquadVersion.V1;
}

/// <summary>Reads the JSON files of SQuAD 1.1 and 2.0, and of other data sets in their form; plain or gzip.</summary>
public static class SquadReader
{
    /// <summary>The largest file, unpacked; SQuAD's own have 5 to 42 MB.</summary>
    public const int MaximumBytes = 256 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Looked at before each paragraph.</param>
    /// <exception cref="FileNotFoundException">There is no such file; the message has the nearest names.</exception>
    /// <exception cref="DataFormatException">
    /// It is no JSON, larger than <see cref="MaximumBytes"/>, or a field is missing, of another kind, or an id that was there before; the
    /// message says where.
    /// </exception>
    public static SquadSet Read(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = DataStream.OpenFile(path);
        return Read(stream, path, cancellationToken);
    }

    /// <summary>Reads an open file, which stays open.</summary>
    /// <param name="stream">JSON in UTF-8.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="cancellationToken">Looked at before each paragraph.</param>
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
