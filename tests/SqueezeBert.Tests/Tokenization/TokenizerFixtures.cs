using System.IO.Compression;
using System.Text.Json;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization;

/// <summary>The reference's answers and the two vocabularies they were made with.</summary>
internal static class TokenizerFixtures
{
    private static readonly Lazy<BertTokenizer> LazyUncased = new(() => FromFixture("bert-base-uncased.txt", new BertTokenizerOptions()));
    private static readonly Lazy<BertTokenizer> LazyCased =
        new(() => FromFixture("bert-base-cased.txt", new BertTokenizerOptions { LowerCase = false }));

    internal static BertTokenizer Uncased => LazyUncased.Value;

    internal static BertTokenizer Cased => LazyCased.Value;

    internal static Stream Open(string name) => new GZipStream(
        File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizer", name + ".gz")), CompressionMode.Decompress);

    internal static List<JsonElement> Rows(string name)
    {
        var rows = new List<JsonElement>();
        using var reader = new StreamReader(Open(name));
        while (reader.ReadLine() is { } line)
        {
            using var document = JsonDocument.Parse(line);
            rows.Add(document.RootElement.Clone());
        }

        return rows;
    }

    internal static string[] Lines(string name)
    {
        using var reader = new StreamReader(Open(name));
        return reader.ReadToEnd().TrimEnd('\n').Split('\n');
    }

    internal static int[] Integers(JsonElement array) =>
        [.. array.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Null ? -1 : e.GetInt32())];

    internal static TokenOffset[] Offsets(JsonElement array) =>
        [.. array.EnumerateArray().Select(e => new TokenOffset(e[0].GetInt32(), e[1].GetInt32()))];

    private static BertTokenizer FromFixture(string name, BertTokenizerOptions options)
    {
        using var stream = Open(name);
        return BertTokenizer.FromVocabulary(stream, options);
    }
}
