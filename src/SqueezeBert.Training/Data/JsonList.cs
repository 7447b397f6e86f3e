using System.Text.Json;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Training.Data;

/// <summary>A field of a table that holds a JSON array of texts.</summary>
internal static class JsonList
{
    /// <param name="row">The row.</param>
    /// <param name="column">The column.</param>
    /// <param name="file">The name in error messages.</param>
    /// <exception cref="DataFormatException">There is no such column, or it holds something else.</exception>
    public static IReadOnlyList<string> Read(Row row, string column, string file)
    {
        try
        {
            using var json = JsonDocument.Parse(row[column]);
            if (json.RootElement.ValueKind == JsonValueKind.Array && json.RootElement.EnumerateArray().All(IsText))
                return [.. json.RootElement.EnumerateArray().Select(item => item.GetString()!)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // As of any other value: the message says what is needed.
        }

        throw new DataFormatException(file, row.Line, $"'{column}' must be a list of texts: [\"one\", \"two\"]");

        static bool IsText(JsonElement item) => item.ValueKind == JsonValueKind.String;
    }
}
