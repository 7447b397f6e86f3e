using System.Text;
using SqueezeBert.Files;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SqueezeBert.Assistant.Files;

/// <summary>
/// Reads a YAML file from an untrusted source. Bytes, depth and values are limited. Aliases (which multiply values), tags and multiple
/// documents are not supported. Errors in the content are reported as <see cref="AssistantFileException"/>.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>The largest size of a file in bytes.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>The largest depth of nested maps and lists.</summary>
    public const int MaxDepth = 16;

    private const int MaxValues = 200_000;

    private readonly string _file;
    private readonly IParser _parser;
    private int _values;

    private YamlReader(string file, string text)
    {
        _file = file;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="AssistantFileException">It cannot be read, or is not such a file.</exception>
    public static YamlNode ReadFile(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxBytes) throw TooLarge(path);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Read(path, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AssistantFileException(path, 0, null, $"cannot be read: {FileProblem.Of(e)}", e);
        }
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="AssistantFileException">It is not such a file.</exception>
    public static YamlNode Read(string file, byte[] utf8)
    {
        if (utf8.Length > MaxBytes) throw TooLarge(file);
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8).TrimStart('\uFEFF');
        }
        catch (ArgumentException e)
        {
            throw new AssistantFileException(file, 0, null, "is not UTF-8", e);
        }

        CheckFlow(file, text);
        try
        {
            return new YamlReader(file, text).ReadDocument();
        }
        catch (YamlException e)
        {
            throw new AssistantFileException(file, Line(e.Start), null, $"is not YAML: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            throw new AssistantFileException(file, 0, null, $"is not YAML: {e.Message}", e);
        }
    }

    private static AssistantFileException TooLarge(string file) =>
        new(file, 0, null, $"has more than {MaxBytes >> 20} MB; split the examples, or leave some out");

    // The scanner looks far ahead within brackets, so the depth is bounded before it sees them. Brackets of texts count too, up to the
    // end of their line.
    private static void CheckFlow(string file, string text)
    {
        var (depth, line) = (0, 1);
        foreach (var c in text)
        {
            if (c == '\n') (depth, line) = (0, line + 1);
            else if (c is '[' or '{') depth++;
            else if (c is ']' or '}') depth--;
            if (depth > 8 * MaxDepth)
                throw new AssistantFileException(file, line, null, $"has more than {8 * MaxDepth} open brackets in a line; leave them out");
        }
    }

    private static int Line(in Mark mark) => (int)Math.Min(mark.Line, int.MaxValue);

    private YamlNode ReadDocument()
    {
        Next<StreamStart>();
        if (_parser.Current is StreamEnd) throw Error(0, "is empty");
        Next<DocumentStart>();
        var root = ReadNode(0);
        Next<DocumentEnd>();
        return _parser.Current is StreamEnd or null ? root
            : throw Error(Line(_parser.Current.Start), "has a second document behind '---'; leave it out");
    }

    private void Next<T>()
        where T : ParsingEvent
    {
        if (_parser.Current is null) _parser.MoveNext();
        if (_parser.Current is not T) throw Error(_parser.Current is { } current ? Line(current.Start) : 0, "is not one YAML document");
        _parser.MoveNext();
    }

    private YamlNode ReadNode(int depth)
    {
        var current = _parser.Current ?? throw Error(0, "ends too early");
        var line = Line(current.Start);
        if (depth > MaxDepth) throw Error(line, $"is nested more than {MaxDepth} deep");
        if (++_values > MaxValues) throw Error(line, $"has more than {MaxValues} values");
        switch (current)
        {
            case AnchorAlias:
                throw Error(line, "has an alias ('*name'); write out what it stands for");
            case NodeEvent { Tag.IsEmpty: false } tagged
                when tagged is not Scalar { Style: not ScalarStyle.Plain, Tag.IsNonSpecific: true }:
                throw Error(line, $"has the tag '{tagged.Tag}'; leave it out");
            case Scalar scalar:
                _parser.MoveNext();
                return new YamlNode(line) { Text = scalar.Value, IsBlock = scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded };
            case SequenceStart:
                return ReadList(line, depth);
            case MappingStart:
                return ReadMap(line, depth);
            default:
                throw Error(line, "is not one YAML document");
        }
    }

    private YamlNode ReadList(int line, int depth)
    {
        _parser.MoveNext();
        var items = new List<YamlNode>();
        while (_parser.Current is not SequenceEnd) items.Add(ReadNode(depth + 1));
        _parser.MoveNext();
        return new YamlNode(line) { Items = items };
    }

    private YamlNode ReadMap(int line, int depth)
    {
        _parser.MoveNext();
        var fields = new List<(string, int, YamlNode)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (_parser.Current is not MappingEnd)
        {
            var name = ReadNode(depth + 1);
            if (name.Text is not { } text) throw Error(name.Line, $"has {name.What} as the name of a field; a name is a text");
            if (!names.Add(text)) throw Error(name.Line, $"has the field '{text}' twice in one map");
            fields.Add((text, name.Line, ReadNode(depth + 1)));
        }

        _parser.MoveNext();
        return new YamlNode(line) { Fields = fields };
    }

    private AssistantFileException Error(int line, string reason) => new(_file, line, null, reason);
}
