namespace SqueezeBert.Generate.Unicode;

/// <summary>Lower case as runs: blocks of capitals with one distance, and alternations of a capital and its small letter.</summary>
internal static class LowerCaseRuns
{
    private const int DottedCapitalI = 0x130;

    /// <summary>First, last, step and distance of each run above U+007F.</summary>
    /// <exception cref="InvalidDataException">
    /// The runs cannot say a mapping, or the tokenizer's own rule for ASCII or U+0130 contradicts it.
    /// </exception>
    internal static IEnumerable<int> Of(SortedDictionary<int, int[]> mappings)
    {
        List<(int CodePoint, int Distance)> single = [];
        foreach (var (c, lower) in mappings)
        {
            if (c < 0x80 || c == DottedCapitalI)
            {
                if (c < 0x80 ? c is < 'A' or > 'Z' || lower is not [var small] || small != c + 32 : lower is not ['i', 0x307])
                    throw new InvalidDataException($"the tokenizer has a rule of its own for U+{c:X4}, which is not the reference's");
                continue;
            }

            if (lower is not [var one])
                throw new InvalidDataException($"the lower case of U+{c:X4} has {lower.Length} code points");
            single.Add((c, one - c));
        }

        for (var start = 0; start < single.Count;)
        {
            var (first, distance) = single[start];
            int end = start + 1, step = 1;
            if (end < single.Count && single[end].CodePoint - first is 1 or 2 && single[end].Distance == distance)
                step = single[end].CodePoint - first;
            while (end < single.Count && single[end] == (single[end - 1].CodePoint + step, distance))
                end++;
            yield return first;
            yield return single[end - 1].CodePoint;
            yield return step;
            yield return distance;
            start = end;
        }
    }
}
