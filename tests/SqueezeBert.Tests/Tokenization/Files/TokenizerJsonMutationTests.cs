using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Tokenization.Files;

/// <summary>
/// Every field of a tokenizer.json left out, null and of another value: either the ids are those of the reference or the file is refused.
/// </summary>
public sealed class TokenizerJsonMutationTests : IDisposable
{
    private const string Text = "the 🤗  CAFÉ [MASK]cat unaffable";

    /// <summary>The ids of the whole file, which is what most changes that the reference allows leave.</summary>
    private static readonly int[] Same = [2, 5, 55, 48, 4, 6, 29, 30, 31, 3];

    /// <summary>With [MASK] as a word that the vocabulary lacks, between brackets.</summary>
    private static readonly int[] CutMask = [2, 5, 55, 48, 45, 1, 46, 6, 29, 30, 31, 3];

    /// <summary>With the emoji as a word that the vocabulary lacks.</summary>
    private static readonly int[] CutEmoji = [2, 5, 1, 48, 4, 6, 29, 30, 31, 3];

    private static readonly string[] Values = ["null", "true", "false", "0", "7", "\"x\"", "\"the\"", "[]", "{}"];

    private readonly string _folder = Directory.CreateTempSubdirectory("mutation").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("no-pre-tokenizer", "pre_tokenizer")]
    [InlineData("doubled-template-id", "post_processor.special_tokens.[CLS]")]
    public void SectionsThatAreNotBertsAreRefused(string name, string item)
    {
        var file = Cases.Folder(name, "tokenizer.json");
        var exception = Assert.Throws<InvalidModelFileException>(() => BertTokenizer.Load(file));
        Assert.Equal((file, item), (exception.File, exception.Item));
    }

    /// <summary>Nothing stands around texts then: models without special tokens, such as static embeddings, have such files.</summary>
    [Fact]
    public void WithoutAPostProcessorTextsStandAlone()
    {
        var tokenizer = BertTokenizer.Load(Cases.Folder("no-post-processor", "tokenizer.json"));
        Assert.Equal([5, 6, 7, 22], tokenizer.Encode("the cat sat.").Ids.ToArray());
        var pair = tokenizer.Encode("the cat", "sat.");
        Assert.Equal([5, 6, 7, 22], pair.Ids.ToArray());
        Assert.Equal([0, 0, 1, 1], pair.TypeIds.ToArray());
        Assert.Equal([5, 6], tokenizer.Encode("the cat sat.", new EncodingOptions { MaxLength = 2 }).Ids.ToArray());
    }

    [Fact]
    public void EveryChangeOfAFieldIsTheReferencesOrRefused()
    {
        var whole = File.ReadAllText(Cases.Folder("added-emoji", "tokenizer.json"));
        var accepted = new List<string>();
        var wrong = new List<string>();
        foreach (var path in Paths(JsonNode.Parse(whole)!).ToList())
        {
            foreach (var value in (string?[])[null, .. Values])
            {
                var json = JsonNode.Parse(whole)!;
                if (!Change(json, path, value)) continue;
                var change = $"{string.Join('.', path)}={value ?? "missing"}";
                var file = Path.Combine(_folder, "tokenizer.json");
                File.WriteAllText(file, json.ToJsonString());
                try
                {
                    var ids = BertTokenizer.Load(file).Encode(Text).Ids.ToArray();
                    accepted.Add(change);
                    if (!Expected.TryGetValue(change, out var expected))
                        wrong.Add($"{change}: must be refused, gives {string.Join(' ', ids)}");
                    else if (!ids.AsSpan().SequenceEqual(expected)) wrong.Add($"{change}: {string.Join(' ', ids)}");
                }
                catch (InvalidModelFileException exception)
                {
                    if (exception.File != file) wrong.Add($"{change}: the message names no file");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Empty(Expected.Keys.Except(accepted));
    }

    /// <summary>
    /// What tokenizers 0.23.3 reads, by its source: sections that may be null or absent, fields that have a default, other values.
    /// </summary>
    private static Dictionary<string, int[]> Expected { get; } = MakeExpected();

    private static Dictionary<string, int[]> MakeExpected()
    {
        var expected = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var change in (string[])["version=missing", "truncation=missing", "padding=missing", "model.type=missing",
            "decoder=missing", "decoder=null", "decoder.cleanup=false", "normalizer.strip_accents=missing"])
            expected.Add(change, Same);
        for (var i = 0; i < 6; i++)
        {
            // The reference takes ids from the vocabulary, or counts on from it.
            if (i > 0) expected.Add($"added_tokens.{i}.id=0", Same);
            expected.Add($"added_tokens.{i}.id=7", Same);
            foreach (var flag in (string[])["lstrip", "rstrip", "normalized"]) expected.Add($"added_tokens.{i}.{flag}=true", Same);
            expected.Add($"added_tokens.{i}.single_word=true", i == 4 ? CutMask : Same);
            expected.Add($"added_tokens.{i}=missing", i switch { 4 => CutMask, 5 => CutEmoji, _ => Same });
            expected.Add($"added_tokens.{i}.special={(i < 5 ? "false" : "true")}", Same);
        }

        // With its token gone a special token is cut as a word; a new token gets the next id.
        for (var i = 0; i < 4; i++)
        {
            expected.Add($"added_tokens.{i}.content=\"x\"", [2, 5, 56, 48, 4, 6, 29, 30, 31, 3]);
            expected.Add($"added_tokens.{i}.content=\"the\"", Same);
        }

        expected.Add("added_tokens.4.content=\"x\"", [2, 5, 56, 48, 45, 1, 46, 6, 29, 30, 31, 3]);
        expected.Add("added_tokens.4.content=\"the\"", CutMask);
        expected.Add("added_tokens.5.content=\"x\"", CutEmoji);
        expected.Add("added_tokens.5.content=\"the\"", CutEmoji);
        foreach (var nothing in (string[])["added_tokens=missing", "added_tokens=[]"])
            expected.Add(nothing, [2, 5, 1, 48, 45, 1, 46, 6, 29, 30, 31, 3]);

        // Without normalization the word of capitals and an accent is not in the vocabulary.
        foreach (var change in (string[])["normalizer=missing", "normalizer=null", "normalizer.lowercase=false",
            "normalizer.strip_accents=false"])
            expected.Add(change, [2, 5, 55, 1, 4, 6, 29, 30, 31, 3]);
        foreach (var change in (string[])["normalizer.strip_accents=true", "normalizer.clean_text=false",
            "normalizer.handle_chinese_chars=false"])
            expected.Add(change, Same);
        foreach (var change in (string[])["post_processor=missing", "post_processor=null"]) expected.Add(change, Same[1..^1]);
        expected.Add("model.unk_token=\"the\"", Same);
        expected.Add("model.max_input_chars_per_word=0", [2, 1, 55, 1, 4, 1, 1, 3]);
        expected.Add("model.max_input_chars_per_word=7", [2, 5, 55, 48, 4, 6, 1, 3]);
        return expected;
    }

    /// <summary>Every field, outermost first, and one entry of the vocabulary for all of them.</summary>
    private static IEnumerable<string[]> Paths(JsonNode node, params string[] path)
    {
        if (path.Length > 0) yield return path;
        IEnumerable<(string Name, JsonNode? Value)> children = node switch
        {
            JsonObject map when path is ["model", "vocab"] => map.Where(item => item.Key == "world").Select(item => (item.Key, item.Value)),
            JsonObject map => map.Select(item => (item.Key, item.Value)),
            JsonArray list => list.Select((item, index) => ($"{index}", item)),
            _ => [],
        };
        foreach (var (name, value) in children)
        {
            if (value is null) yield return [.. path, name];
            else
            {
                foreach (var inner in Paths(value, [.. path, name])) yield return inner;
            }
        }
    }

    /// <summary>Makes the change; false where the value is there already.</summary>
    private static bool Change(JsonNode root, string[] path, string? value)
    {
        var parent = path.SkipLast(1).Aggregate(root, (node, name) => node is JsonArray ? node[int.Parse(name)]! : node[name]!);
        var replacement = value is null ? null : JsonNode.Parse(value);
        if (parent is JsonArray list)
        {
            var index = int.Parse(path[^1]);
            if (value is null) list.RemoveAt(index);
            else if (JsonNode.DeepEquals(list[index], replacement)) return false;
            else list[index] = replacement;
            return true;
        }

        var map = parent.AsObject();
        if (value is null) map.Remove(path[^1]);
        else if (JsonNode.DeepEquals(map[path[^1]], replacement)) return false;
        else map[path[^1]] = replacement;
        return true;
    }
}
