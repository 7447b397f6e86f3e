using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace SqueezeBert.Server.Answers;

/// <summary>What was read for an answer, over all of its texts. Not thread-safe.</summary>
internal sealed class Usage
{
    public long Tokens { get; private set; }

    public long Characters { get; private set; }

    public int Truncated { get; private set; }

    public void Add(in ReadInfo read)
    {
        Tokens += read.TokenCount;
        Characters += read.CharactersRead;
        if (read.IsTruncated) Truncated++;
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
    /// their ends.
    /// </summary>
    public void Write(IHeaderDictionary headers, TimeSpan elapsed)
    {
        var milliseconds = ((long)elapsed.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        headers["x-compute-type"] = "cpu";
        headers["x-compute-time"] = milliseconds;
        headers["x-total-time"] = milliseconds;
        headers["x-compute-tokens"] = Tokens.ToString(CultureInfo.InvariantCulture);
        headers["x-compute-characters"] = Characters.ToString(CultureInfo.InvariantCulture);
        headers["x-truncated-texts"] = Truncated.ToString(CultureInfo.InvariantCulture);
    }
}
