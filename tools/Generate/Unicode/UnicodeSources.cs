namespace SqueezeBert.Generate.Unicode;

/// <summary>The character data of the tokenizer, from the reference's behaviour and the Unicode Character Database.</summary>
internal static class UnicodeSources
{
    /// <summary>The word on the command line.</summary>
    internal const string Kind = "unicode";

    private const string Folder = "src/SqueezeBert/Tokenization/Unicode";
    private const string Namespace = "SqueezeBert.Tokenization.Unicode";

    /// <summary>The four files of data.</summary>
    /// <param name="root">The root of the repository.</param>
    internal static IReadOnlyList<GeneratedFile> Generate(string root)
    {
        var data = Path.Combine(root, "tools", "Generate", "Data");
        var reference = new ReferenceTables(Path.Combine(data, "unicode-tables.json.gz"));
        var normalization = new Normalization(Path.Combine(data, "normalization-12.1.0.txt"));
        normalization.Verify(reference);
        return
        [
            CaseData(reference, normalization),
            ClassData(reference),
            DecompositionData(normalization),
            WordData(Path.Combine(data, "word-properties-14.0.0.txt")),
        ];
    }

    private static GeneratedFile CaseData(ReferenceTables reference, Normalization normalization) => Write(
        "UnicodeCaseData",
        "Lower case and canonical combining classes of the reference tokenizer.",
        new Property(
            "LowerCase",
            "Runs above U+007F with one distance to their lower case: first, last, step, distance. U+0130 is not among them.",
            LowerCaseRuns.Of(reference.Map("lowercase"))),
        new Property(
            "CombiningClasses",
            "Runs of one canonical combining class other than 0: first, last, class.",
            CodePointRanges.OfEqual(normalization.CombiningClasses).SelectMany(range => new[] { range.First, range.Last, range.Value })));

    private static GeneratedFile ClassData(ReferenceTables reference)
    {
        return Write(
            "UnicodeClassData",
            "The character classes of the reference tokenizer, as inclusive ranges (first, last, first, last, ...).",
            Class("Removed", "Dropped by the clean-text step.", "removed_by_clean_text"),
            Class("MappedToSpace", "Mapped to a space by the clean-text step.", "mapped_to_space"),
            Class("Chinese", "Surrounded with spaces by the Chinese-character step.", "spaced_as_chinese"),
            Class("WhiteSpace", "White space that separates words.", "split_as_whitespace"),
            Class("Punctuation", "Punctuation, each a word of its own.", "split_as_punctuation"),
            Class("StrippedMarks", "Non-spacing marks dropped by the strip-accents step.", "stripped_marks"));

        Property Class(string name, string summary, string set) => new(name, summary, CodePointRanges.Of(reference.Set(set)));
    }

    private static GeneratedFile DecompositionData(Normalization normalization) => Write(
        "UnicodeDecompositionData",
        "Full canonical decompositions, Hangul excepted (it decomposes by arithmetic).",
        new Property(
            "Entries",
            "One entry after another in the order of code points: length &lt;&lt; 24 | code point, then that many code points.",
            normalization.Decompositions.SelectMany(entry => entry.Value.Prepend((entry.Value.Length << 24) | entry.Key))));

    private static GeneratedFile WordData(string path)
    {
        var matched = new SortedSet<int>();
        foreach (var line in File.ReadLines(path))
            matched.UnionWith(CodePointRanges.Parse(line.Split(" ; ")[0], ".."));
        return Write(
            "UnicodeWordData",
            "What a regular expression's \\w matches, which must not be next to an added token that is a single word.",
            new Property(
                "WordCharacters",
                "Alphabetic, mark, decimal number, connector punctuation or join control, as inclusive ranges (first, last, ...).",
                CodePointRanges.Of(matched)));
    }

    private static GeneratedFile Write(string type, string summary, params Property[] properties)
    {
        var writer = new SourceWriter(Kind, $"{Folder}/{type}.cs");
        writer.Lines($"""
            namespace {Namespace};

            /// <summary>{summary}</summary>
            internal static class {type}
            """);
        writer.Block(() =>
        {
            foreach (var property in properties)
            {
                if (property != properties[0])
                    writer.Lines("");
                writer.Integers(property.Summary, property.Name, property.Values);
            }
        });
        return writer.ToFile();
    }

    private sealed record Property(string Name, string Summary, IEnumerable<int> Values);
}
