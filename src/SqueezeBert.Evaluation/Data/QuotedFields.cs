using System.Text;

namespace SqueezeBert.Evaluation.Data;

/// <summary>Parses and writes records whose fields may stand in double quotes (RFC 4180, with any separator).</summary>
internal static class QuotedFields
{
    /// <summary>The fields of the record that starts with <paramref name="line"/>; reads on while a quote is open.</summary>
    public static List<string> Parse(LineReader reader, string line, char separator, string file, int maximumBytes)
    {
        var first = reader.Line;
        var fields = new List<string>();
        var position = 0;
        long consumed = line.Length;
        while (true)
        {
            if (position < line.Length && line[position] == '"')
            {
                var field = new StringBuilder();
                position++;
                while (true)
                {
                    var quote = line.IndexOf('"', position);
                    if (quote < 0)
                    {
                        field.Append(line, position, line.Length - position).Append(reader.Terminator);
                        if (field.Length > maximumBytes || consumed > maximumBytes) throw reader.TooLong(first);
                        line = reader.Read() ?? throw new DataFormatException(file, first, "a quote is opened and never closed");
                        consumed += line.Length;
                        position = 0;
                        continue;
                    }

                    field.Append(line, position, quote - position);
                    position = quote + 1;
                    if (position >= line.Length || line[position] != '"') break;
                    field.Append('"');
                    position++;
                }

                if (position < line.Length && line[position] != separator)
                    throw new DataFormatException(
                        file, first, $"field {fields.Count + 1}: text after the closing quote (a quote inside a quoted field is doubled)");
                fields.Add(field.ToString());
            }
            else
            {
                var end = line.IndexOf(separator, position);
                if (end < 0) end = line.Length;
                if (line.AsSpan(position, end - position).Contains('"'))
                    throw new DataFormatException(file, first,
                        $"field {fields.Count + 1}: a quote inside a field that does not start with one (quote the field, or read the " +
                            "file as raw)");
                fields.Add(line[position..end]);
                position = end;
            }

            if (position >= line.Length) return fields;
            position++;
        }
    }

    /// <summary>Writes a field, quoted where it must be.</summary>
    public static void Write(TextWriter writer, string field, char separator)
    {
        if (field.AsSpan().IndexOfAny([separator, '"', '\n', '\r']) < 0)
        {
            writer.Write(field);
            return;
        }

        writer.Write('"');
        writer.Write(field.Replace("\"", "\"\"", StringComparison.Ordinal));
        writer.Write('"');
    }
}
