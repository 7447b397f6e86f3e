using System.Text.Json;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Server.Answers;

/// <summary>Hidden states as the tool's records have them, written number by number: there may be millions.</summary>
internal static class Features
{
    /// <summary>Writes the values of <see cref="Records.AnswerRecords"/>, inside an object.</summary>
    public static async Task WriteFeaturesAsync(
        this Utf8JsonWriter writer, TextFeatures answer, BertTokenizer tokenizer, bool hasWindows, Func<ValueTask> flushAsync)
    {
        writer.WriteStartArray("tokens");
        for (var token = 0; token < answer.TokenCount; token++)
        {
            writer.WriteStartObject();
            writer.WriteString("token", tokenizer.Vocabulary[answer.TokenIds.Span[token]]);
            writer.WriteNumber("start", answer.Offsets.Span[token].Start);
            writer.WriteNumber("end", answer.Offsets.Span[token].End);
            writer.WritePropertyName("features");
            writer.WriteVector(answer[token]);
            writer.WriteEndObject();
            await flushAsync().ConfigureAwait(false);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("truncated", answer.Read.IsTruncated);
        if (hasWindows) writer.WriteNumber("windows", answer.Read.WindowCount);
    }
}
