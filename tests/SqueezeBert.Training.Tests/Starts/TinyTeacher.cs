using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Tests.Starts;

/// <summary>A folder with a small BERT that makes vectors as sentence-transformers do, and space for students of it.</summary>
internal sealed class TinyTeacher : IDisposable
{
    public const int Layers = 4;
    public const int Width = 32;
    private const string Words = "the film was very good bad and long a man is playing guitar woman cooking dog runs in park";

    /// <summary>The pieces behind the five special tokens.</summary>
    public static IReadOnlyList<string> Vocabulary { get; } = Words.Split(' ');

    public TinyTeacher(string architecture = "BertModel", string type = "bert", string encoder = "", Action<JsonObject>? change = null)
    {
        Root = Directory.CreateTempSubdirectory("squeezebert-starts-").FullName;
        Path = System.IO.Path.Combine(Root, "teacher");
        var fields = new JsonObject
        {
            ["hidden_size"] = Width,
            ["num_attention_heads"] = 4,
            ["num_hidden_layers"] = Layers,
            ["intermediate_size"] = 64,
            ["max_position_embeddings"] = 64,
        };
        change?.Invoke(fields);
        var tokenizer = BertTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words.Split(' ')]);
        var configuration = NewModel.Configure(type, fields, tokenizer) with { Architectures = [architecture] };
        NewModel.Save(System.IO.Path.Combine(Path, encoder), configuration, tokenizer);
        Write("modules.json", $$"""
            [{"idx": 0, "name": "0", "path": "{{encoder}}", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """);
        Write("1_Pooling/config.json", """{"word_embedding_dimension": 32, "pooling_mode": "max"}""");
        Write(System.IO.Path.Combine(encoder, "sentence_bert_config.json"), """{"max_seq_length": 11, "do_lower_case": false}""");
        Write("config_sentence_transformers.json", """{"prompts": {"query": "the "}, "default_prompt_name": "query"}""");
    }

    /// <summary>The folder for everything.</summary>
    public string Root { get; }

    /// <summary>The teacher's folder.</summary>
    public string Path { get; }

    /// <summary>A path in the folder for everything.</summary>
    public string Place(string name) => System.IO.Path.Combine(Root, name);

    /// <summary>Writes a text of made-up sentences; gives its path.</summary>
    public string Text(int sentences, int seed = 1)
    {
        var words = Words.Split(' ');
        var random = new Random(seed);
        var path = Place($"text-{sentences}-{seed}.txt");
        File.WriteAllLines(path, Enumerable.Range(0, sentences).Select(
            _ => string.Join(' ', Enumerable.Range(0, random.Next(3, 12)).Select(_ => words[random.Next(words.Length)]))));
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
