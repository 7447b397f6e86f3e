using System.IO.Compression;
using System.Text.Json;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Training.Tasks.Answering;

/// <summary>
/// The official files of SQuAD 1.1 and 2.0, plain or gzip: articles, paragraphs, questions, answers with their places in code points.
/// </summary>
internal static class SquadFile
{
    // The official files have 42 MB at most; a compressed one may claim anything.
    private const long MaxBytes = 1 << 30;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    /// <summary>Streams the questions of a file, which is held in memory meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">Questions at most.</param>
    /// <param name="cancellationToken">Looked at before each question.</param>
    /// <exception cref="DataFormatException">It is no such file, or an answer does not stand where it should.</exception>
    public static IEnumerable<SquadQuestion> Read(string path, int limit, CancellationToken cancellationToken)
    {
        using var json = Parse(path);
        foreach (var question in Questions(json.RootElement, new Place(path)).Take(limit))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return question;
        }
    }

    private static IEnumerable<SquadQuestion> Questions(JsonElement root, Place place)
    {
        foreach (var (article, atArticle) in Items(root, "data", place))
        {
            foreach (var (paragraph, atParagraph) in Items(article, "paragraphs", atArticle))
            {
                var context = Text(paragraph, "context", atParagraph);
                foreach (var (question, at) in Items(paragraph, "qas", atParagraph)) yield return Question(question, context, at);
            }
        }
    }

    private static SquadQuestion Question(JsonElement json, string context, Place place)
    {
        var question = Text(json, "question", place);
        if (string.IsNullOrWhiteSpace(question)) throw place.Error("the question is empty");
        var isImpossible = json.TryGetProperty("is_impossible", out var flag) && flag.ValueKind == JsonValueKind.True;
        var answers = new List<(string, int)>();
        foreach (var (answer, at) in isImpossible ? [] : Items(json, "answers", place)) answers.Add(Answer(answer, context, at));
        return new SquadQuestion(json.TryGetProperty("id", out var id) ? id.ToString() : "", question, context, answers);
    }

    private static (string Text, int Start) Answer(JsonElement json, string context, Place place)
    {
        var text = Text(json, "text", place);
        if (!json.TryGetProperty("answer_start", out var number) || number.ValueKind != JsonValueKind.Number
            || !number.TryGetInt32(out var codePoints) || codePoints < 0) throw place.Error("'answer_start' must be a whole number from 0");
        var start = Index(context, codePoints);
        if (text.Length > 0 && string.CompareOrdinal(context, start, text, 0, text.Length) == 0) return (text, start);
        throw place.Error($"the answer '{text}' does not stand at answer_start {codePoints} of its context; correct it or leave it out");
    }

    /// <summary>The UTF-16 code unit of a code point, which is what the files count in.</summary>
    private static int Index(string text, int codePoints)
    {
        var i = 0;
        for (; i < text.Length && codePoints > 0; codePoints--)
            i += char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 2 : 1;
        return i;
    }

    private static IEnumerable<(JsonElement Item, Place Place)> Items(JsonElement json, string field, Place place)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(field, out var list) || list.ValueKind != JsonValueKind.Array)
            throw place.Error($"has no list '{field}'; a file of SQuAD has data, paragraphs, qas and answers");
        var i = 0;
        foreach (var item in list.EnumerateArray()) yield return (item, place.In(field, i++));
    }

    private static string Text(JsonElement json, string field, Place place)
    {
        try
        {
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var value)
                && value.ValueKind == JsonValueKind.String) return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: no text.
        }

        throw place.Error($"has no text '{field}'");
    }

    private static JsonDocument Parse(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file", path);
        try
        {
            using var file = File.OpenRead(path);
            using var stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            return JsonDocument.Parse(ReadAll(stream, path), Options);
        }
        catch (JsonException e)
        {
            throw new DataFormatException(
                path, e.LineNumber + 1, $"invalid JSON at byte {e.BytePositionInLine + 1} of the line; a file of SQuAD is needed", e);
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException(path, null, "the compressed data is damaged or cut off", e);
        }
    }

    private static ReadOnlyMemory<byte> ReadAll(Stream stream, string path)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (stream.Read(buffer) is > 0 and var count)
        {
            if (bytes.Length + count > MaxBytes) throw new DataFormatException(path, null, $"is larger than {MaxBytes} bytes; split it");
            bytes.Write(buffer, 0, count);
        }

        // A byte order mark is no JSON.
        var text = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        return text.Span.StartsWith("\uFEFF"u8) ? text[3..] : text;
    }

    /// <summary>Where in a file something stands: the files have all of their questions on one line.</summary>
    private readonly record struct Place(string File, string Path = "")
    {
        public Place In(string field, int index) =>
            this with { Path = FormattableString.Invariant($"{Path}{(Path.Length == 0 ? "" : ".")}{field}[{index}]") };

        public DataFormatException Error(string reason) => new(File, null, Path.Length == 0 ? reason : $"{Path}: {reason}");
    }
}
