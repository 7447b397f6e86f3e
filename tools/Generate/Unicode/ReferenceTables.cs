using System.IO.Compression;
using System.Text.Json;

namespace SqueezeBert.Generate.Unicode;

/// <summary>unicode-tables.json.gz: what the reference tokenizer does with each scalar value.</summary>
internal sealed class ReferenceTables
{
    private readonly JsonElement _root;

    /// <summary>Reads the table.</summary>
    internal ReferenceTables(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var document = JsonDocument.Parse(stream);
        _root = document.RootElement.Clone();
    }

    /// <summary>The code points of a class, by the table's name for it.</summary>
    internal SortedSet<int> Set(string name) =>
        [.. _root.GetProperty(name).EnumerateArray().SelectMany(range => CodePointRanges.Parse(range.GetString()!, "-"))];

    /// <summary>What code points become, by the table's name for the step; the others stay as they are.</summary>
    internal SortedDictionary<int, int[]> Map(string name) => new(_root.GetProperty(name).EnumerateObject().ToDictionary(
        entry => CodePointRanges.CodePoint(entry.Name),
        entry => entry.Value.EnumerateArray().Select(c => CodePointRanges.CodePoint(c.GetString()!)).ToArray()));
}
