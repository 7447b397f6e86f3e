using System.Globalization;
using SqueezeBert.Files;

namespace SqueezeBert.Assistant.Files;

/// <summary>The fields of a map, by name and type; an unknown one is an error that names the nearest.</summary>
internal sealed class YamlFields
{
    private readonly string _file;
    private readonly YamlNode _node;

    /// <param name="file">The name in messages.</param>
    /// <param name="path">What messages put before the names of the fields; empty for the file itself.</param>
    /// <param name="node">The map.</param>
    /// <param name="known">All names that it may have; none: any.</param>
    /// <exception cref="AssistantFileException">It is no map, or has an unknown field.</exception>
    public YamlFields(string file, string path, YamlNode node, params string[] known)
    {
        (_file, Path, _node) = (file, path, node);
        if (node.Fields is null) throw new AssistantFileException(
            file, node.Line, path.Length > 0 ? path : null, $"is {node.What}, not a map of 'name: value'");
        if (known.Length == 0) return;
        foreach (var (name, line, _) in node.Fields)
        {
            if (!known.Contains(name, StringComparer.Ordinal)) throw new AssistantFileException(
                file, line, PathOf(name), $"is no field that is known here; did you mean '{NearestNames.First(name, known)}'?");
        }
    }

    /// <summary>What messages put before the names of the fields.</summary>
    public string Path { get; }

    /// <summary>Where the map begins.</summary>
    public int Line => _node.Line;

    /// <summary>All fields.</summary>
    public IReadOnlyList<(string Name, int Line, YamlNode Value)> All => _node.Fields!;

    /// <summary>A field's value; null where it is not there.</summary>
    public YamlNode? Find(string name) => _node.Fields!.FirstOrDefault(field => field.Name == name).Value;

    /// <summary>A text; null where it is not there.</summary>
    public string? Text(string name) => Find(name) is not { } value ? null
        : value.Text is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : throw Error(name, value, "must be a text");

    /// <summary>A text that must be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    /// <summary>A number within bounds; null where it is not there.</summary>
    public double? Number(string name, double least, double most)
    {
        if (Find(name) is not { } value) return null;
        return double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least
            && number <= most ? number : throw Error(name, value, FormattableString.Invariant($"must be a number from {least} to {most}"));
    }

    /// <summary>A whole number within bounds; null where it is not there.</summary>
    public int? Whole(string name, int least, int most)
    {
        if (Find(name) is not { } value) return null;
        return int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            && number <= most ? number
            : throw Error(name, value, FormattableString.Invariant($"must be a whole number from {least} to {most}"));
    }

    /// <summary>Yes or no; null where it is not there.</summary>
    public bool? Flag(string name) => Find(name) is not { } value ? null : value.Text?.ToUpperInvariant() switch
    {
        "TRUE" or "YES" => true,
        "FALSE" or "NO" => false,
        _ => throw Error(name, value, "must be true or false"),
    };

    /// <summary>One of several names; null where it is not there.</summary>
    public string? OneOf(string name, IReadOnlyList<string> names)
    {
        if (Text(name) is not { } text) return null;
        return names.Contains(text, StringComparer.Ordinal) ? text
            : throw Error(name, Find(name)!, $"'{text}' is none of {NearestNames.List(text, names)}");
    }

    /// <summary>A list of texts, or one text; empty where it is not there.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } value) return [];
        if (value.Items is null) return [Text(name)!];
        return [.. value.Items.Select(item => string.IsNullOrWhiteSpace(item.Text) ? throw Error(name, item, "must be a list of texts")
            : item.Text.Trim())];
    }

    /// <summary>A list; empty where it is not there.</summary>
    public IReadOnlyList<YamlNode> List(string name) => Find(name) is not { } value ? []
        : value.Items ?? throw Error(name, value, $"is {value.What}, not a list ('- …')");

    /// <summary>A map within this one; null where it is not there.</summary>
    public YamlFields? Map(string name, params string[] known) =>
        Find(name) is { } value ? new YamlFields(_file, PathOf(name), value, known) : null;

    /// <summary>The error of a field that is wrong.</summary>
    public AssistantFileException Error(string? name, YamlNode value, string reason) =>
        new(_file, value.Line, name is null ? Path : PathOf(name), reason);

    /// <summary>The error of a field that is not there.</summary>
    public AssistantFileException Missing(string name) => new(_file, Line, PathOf(name), "is missing");

    private string PathOf(string name) => Path.Length > 0 ? $"{Path}.{name}" : name;
}
