using System.Globalization;

namespace SqueezeBert.Generate.Unicode;

/// <summary>normalization-12.1.0.txt: combining classes and canonical decompositions, which the reference's marks follow.</summary>
internal sealed class Normalization
{
    private readonly Dictionary<int, int[]> _mappings = [];

    /// <summary>Reads lines of three fields: code point; combining class; decomposition.</summary>
    internal Normalization(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            if (line.Split(';') is not [string codePoint, string combiningClass, string mapping]
                || !byte.TryParse(combiningClass, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                throw new InvalidDataException($"{path}: \"{line}\" is not a code point, its combining class and its decomposition");
            }

            var c = CodePointRanges.CodePoint(codePoint);
            if (value != 0)
                CombiningClasses.Add(c, value);
            if (mapping.Length > 0)
                _mappings.Add(c, [.. mapping.Split(' ').Select(CodePointRanges.CodePoint)]);
        }

        foreach (var c in _mappings.Keys)
            Decompositions.Add(c, [.. Decompose(c)]);
    }

    /// <summary>The canonical combining classes that are not 0.</summary>
    internal SortedDictionary<int, int> CombiningClasses { get; } = [];

    /// <summary>The full canonical decompositions, without those of Hangul syllables, which have a formula.</summary>
    internal SortedDictionary<int, int[]> Decompositions { get; } = [];

    /// <summary>Compares with what the reference was seen to do: its decompositions without the marks that it strips.</summary>
    /// <exception cref="InvalidDataException">A code point decomposes differently.</exception>
    internal void Verify(ReferenceTables reference)
    {
        var stripped = reference.Set("stripped_marks");
        var probed = reference.Map("decomposed_without_marks");
        foreach (var c in Decompositions.Keys.Union(probed.Keys).Where(c => !stripped.Contains(c)))
        {
            var expected = probed.GetValueOrDefault(c, [c]);
            if (!Decompositions.GetValueOrDefault(c, [c]).Where(part => !stripped.Contains(part)).SequenceEqual(expected))
                throw new InvalidDataException($"the reference decomposes U+{c:X4} differently from the Unicode data");
        }
    }

    private IEnumerable<int> Decompose(int c) => _mappings.TryGetValue(c, out var parts) ? parts.SelectMany(Decompose) : [c];
}
