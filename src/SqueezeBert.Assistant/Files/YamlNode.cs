namespace SqueezeBert.Assistant.Files;

/// <summary>A value of a YAML file: a text, a list or a map. Exactly one of the three is there.</summary>
/// <param name="Line">Where it begins, from 1.</param>
internal sealed record YamlNode(int Line)
{
    /// <summary>A text as it is written; YAML's own numbers, dates and booleans are texts here.</summary>
    public string? Text { get; init; }

    /// <summary>Whether the text is a block ('|' or '>'), whose lines begin one below <see cref="Line"/>.</summary>
    public bool IsBlock { get; init; }

    /// <summary>The elements of a list.</summary>
    public IReadOnlyList<YamlNode>? Items { get; init; }

    /// <summary>The fields of a map, in the order of the file; each name once.</summary>
    public IReadOnlyList<(string Name, int Line, YamlNode Value)>? Fields { get; init; }

    /// <summary>What messages call it.</summary>
    public string What => Items is not null ? "a list" : Fields is not null ? "a map" : "a text";
}
