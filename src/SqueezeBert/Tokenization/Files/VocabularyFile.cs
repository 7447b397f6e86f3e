using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tokenization.Files;

/// <summary>
/// vocab.txt: UTF-8, one token per line, the line's index is the id. White space at the end of a line is no part of the token.
/// </summary>
internal static class VocabularyFile
{
    private const int MaxTokens = 1 << 20;

    internal static string?[] Read(Stream stream, string file)
    {
        var tokens = new List<string?>();
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true),
            detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        try
        {
            // Not ReadLine: it also ends lines at a lone carriage return.
            var line = new StringBuilder();
            Span<char> block = stackalloc char[4096];
            int read;
            while ((read = reader.Read(block)) > 0)
            {
                var rest = block[..read];
                int newLine;
                while ((newLine = rest.IndexOf('\n')) >= 0)
                {
                    line.Append(rest[..newLine]);
                    Add();
                    rest = rest[(newLine + 1)..];
                }

                line.Append(rest);
            }

            if (line.Length > 0)
                Add();

            void Add()
            {
                if (tokens.Count == 0 && line.Length > 0 && line[0] == '\uFEFF')
                    line.Remove(0, 1);
                var length = line.Length;
                while (length > 0 && UnicodeTables.IsWhiteSpace(line[length - 1]))
                    length--;
                if (tokens.Count == MaxTokens)
                    throw new InvalidModelFileException(file, null, "The vocabulary has more than 1,048,576 lines.");
                tokens.Add(line.ToString(0, length));
                line.Clear();
            }
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidModelFileException(file, null, "The vocabulary is not UTF-8 text; a vocab.txt holds one token per line.",
                exception);
        }

        if (tokens.Count == 0)
            throw new InvalidModelFileException(file, null, "The vocabulary is empty; a vocab.txt holds one token per line.");
        return [.. tokens];
    }

    internal static void Write(TextWriter writer, IEnumerable<string?> tokens)
    {
        var id = 0;
        foreach (var token in tokens)
        {
            // An id without a token still needs its line.
            writer.Write(token ?? SavedVocabulary.Filler(id));
            writer.Write('\n');
            id++;
        }
    }
}
