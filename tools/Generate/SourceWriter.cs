using System.Globalization;
using System.Text;

namespace SqueezeBert.Generate;

/// <summary>Writes one generated source file, line by line.</summary>
internal sealed class SourceWriter
{
    /// <summary>The repository's limit for a line.</summary>
    internal const int MaxColumns = 140;

    private const int IndentSize = 4;

    private readonly StringBuilder _text = new();
    private readonly string _kind;
    private int _depth;

    /// <summary>Starts a file with the comment that names the command that writes it.</summary>
    internal SourceWriter(string kind, string path)
    {
        _kind = kind;
        Path = path;
        Lines($"""
            {GeneratedCode.Marker}
            // Written by dotnet run --project tools/Generate -- {kind}
            // </auto-generated>

            """);
    }

    /// <summary>Where the file is, from the root of the repository.</summary>
    internal string Path { get; }

    /// <summary>The columns that a statement may have at the current depth.</summary>
    internal int FreeColumns => MaxColumns - (_depth * IndentSize);

    /// <summary>Writes each line of a text at the current depth.</summary>
    internal void Lines(string text)
    {
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.Length > FreeColumns)
                throw new InvalidDataException($"{Path} would have a line of more than {MaxColumns} columns: {line}");
            if (line.Length > 0)
                _text.Append(' ', _depth * IndentSize).Append(line);
            _text.Append('\n');
        }
    }

    /// <summary>Writes braces around what <paramref name="content"/> writes, one step deeper.</summary>
    internal void Block(Action content)
    {
        Lines("{");
        Indented(content);
        Lines("}");
    }

    /// <summary>Writes a static property of integers in hexadecimal digits, as many a line as there is room for.</summary>
    internal void Integers(string summary, string name, IEnumerable<int> values)
    {
        Lines($"""
            /// <summary>{summary}</summary>
            internal static ReadOnlySpan<int> {name} =>
            [
            """);
        Indented(() =>
        {
            var line = new StringBuilder();
            foreach (var item in values.Select(Hexadecimal))
            {
                if (line.Length > 0 && line.Length + item.Length + 2 > FreeColumns)
                {
                    Lines(line.ToString());
                    line.Clear();
                }

                line.Append(line.Length > 0 ? " " : "").Append(item).Append(',');
            }

            Lines(line.ToString());
        });
        Lines("];");
    }

    /// <summary>The finished file.</summary>
    internal GeneratedFile ToFile() => new(_kind, Path, _text.ToString());

    private static string Hexadecimal(int value) =>
        (value < 0 ? "-0x" : "0x") + Math.Abs(value).ToString("X", CultureInfo.InvariantCulture);

    /// <summary>Writes one step deeper.</summary>
    internal void Indented(Action content)
    {
        _depth++;
        content();
        _depth--;
    }
}
