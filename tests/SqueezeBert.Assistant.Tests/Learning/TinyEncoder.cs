using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Assistant.Tests.Learning;

/// <summary>An encoder of random weights whose vocabulary has the words of the sample, and a folder for files.</summary>
internal sealed class TinyEncoder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("squeezebert-assistant-").FullName;

    /// <param name="pieces">What the vocabulary has besides the words of the sample.</param>
    public TinyEncoder(params string[] pieces)
    {
        var words = Regex.Matches(File.ReadAllText(Sample).ToLowerInvariant(), @"[\p{L}\d]+|[^\s\w]").Select(match => match.Value)
            .Concat(Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString()))
            .Concat(Enumerable.Range('a', 26).Select(letter => $"##{(char)letter}"))
            .Concat(Enumerable.Range(0, 10).SelectMany(digit => new[] { $"{digit}", $"##{digit}" })).Distinct();
        var vocabulary = Path.Combine(_root, "vocab.txt");
        File.WriteAllLines(vocabulary, [.. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" }, .. words, .. pieces]);
        var tokenizer = BertTokenizer.Load(vocabulary, new BertTokenizerOptions { ModelMaxLength = 64 });
        var size = new JsonObject
        {
            ["hidden_size"] = 48,
            ["embedding_size"] = 48,
            ["num_hidden_layers"] = 1,
            ["num_attention_heads"] = 4,
            ["intermediate_size"] = 96,
            ["max_position_embeddings"] = 64,
        };
        NewModel.Save(Model, NewModel.Configure("squeezebert", size, tokenizer), tokenizer, seed: 1);
    }

    /// <summary>The sample's file.</summary>
    public static string Sample => Path.Combine(AppContext.BaseDirectory, "Sample", "home.yml");

    /// <summary>The encoder's folder.</summary>
    public string Model => PathOf("encoder");

    public string PathOf(string name) => Path.Combine(_root, name);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
