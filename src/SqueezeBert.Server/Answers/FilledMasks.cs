using System.Text.Json;

namespace SqueezeBert.Server.Answers;

/// <summary>Filled masks as the tool's records have them, written token by token: there may be millions.</summary>
internal static class FilledMasks
{
    /// <summary>Writes the values of <see cref="Records.AnswerRecords"/>, inside an object.</summary>
    public static async Task WriteFillingAsync(
        this Utf8JsonWriter writer, MaskFilling answer, bool hasWindows, Func<ValueTask> flushAsync)
    {
        writer.WriteString("filled", answer.Text);
        writer.WriteStartArray("masks");
        foreach (var mask in answer.Masks)
        {
            writer.WriteStartObject();
            writer.WriteNumber("start", mask.Start);
            writer.WriteNumber("end", mask.End);
            writer.WriteStartArray("tokens");
            foreach (var token in mask.Tokens)
            {
                writer.WriteStartObject();
                writer.WriteString("token", token.Token);
                writer.WriteNumber("id", token.Id);
                writer.WritePropertyName("score");
                writer.WriteReal(token.Score);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            await flushAsync().ConfigureAwait(false);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("truncated", answer.Read.IsTruncated);
        if (hasWindows) writer.WriteNumber("windows", answer.Read.WindowCount);
    }
}
