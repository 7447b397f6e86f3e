using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SqueezeBert.Serving;

namespace SqueezeBert.Server.Answers;

/// <summary>What was read for an answer, over all of its texts. Not thread-safe.</summary>
/// <param name="times">Is told where the time of its texts goes.</param>
internal sealed class Usage(QueueTimes times)
{
    public long Tokens { get; private set; }

    public long Characters { get; private set; }

    public int Truncated { get; private set; }

    /// <summary>Where the time of its texts goes.</summary>
    public QueueTimes Times => times;

    public void Add(in ReadInfo read)
    {
        Tokens += read.TokenCount;
        Characters += read.CharactersRead;
        if (read.IsTruncated) Truncated++;
    }

    /// <summary>Adds what was read for a part of the request, whose times are already here.</summary>
    public void Add(Usage part)
    {
        Tokens += part.Tokens;
        Characters += part.Characters;
        Truncated += part.Truncated;
    }

    /// <summary>As members, inside an object.</summary>
    public void WriteTotals(Utf8JsonWriter writer)
    {
        writer.WriteNumber("token_count", Tokens);
        writer.WriteNumber("characters_read", Characters);
        writer.WriteNumber("truncated_texts", Truncated);
    }

    /// <summary>
    /// In headers, where the body has no place for it: those of text-embeddings-inference by its names, and how many texts were not read to
    /// their ends. Times are whole milliseconds; those of the queue are the means of the texts that were computed, if
    /// there are any.
    /// </summary>
    public void Write(IHeaderDictionary headers, TimeSpan elapsed)
    {
        headers["x-compute-type"] = "cpu";
        headers["x-compute-time"] = Milliseconds(elapsed);
        headers["x-total-time"] = Milliseconds(elapsed);
        if (Times.Texts > 0)
        {
            var (waiting, tokenization, computation) = Times.Mean();
            headers["x-tokenization-time"] = Milliseconds(tokenization);
            headers["x-queue-time"] = Milliseconds(waiting);
            headers["x-inference-time"] = Milliseconds(computation);
        }

        headers["x-compute-tokens"] = Tokens.ToString(CultureInfo.InvariantCulture);
        headers["x-compute-characters"] = Characters.ToString(CultureInfo.InvariantCulture);
        headers["x-truncated-texts"] = Truncated.ToString(CultureInfo.InvariantCulture);
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
