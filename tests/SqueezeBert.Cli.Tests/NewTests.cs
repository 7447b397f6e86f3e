using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Tests;

public sealed class NewTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("squeezebert-new-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void ANamedSizeIsWrittenAndItsParametersAreTold()
    {
        var folder = Path.Combine(_root, "tiny");
        var run = ToolRun.Of("new", "bert-tiny", folder);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal($"{folder}: BertModel, 4,385,920 parameters\n", run.Output);
        Assert.Equal(30522, BertTokenizer.Load(folder).Vocabulary.Count);
        Assert.Equal(["config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json",
            "vocab.txt"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void FieldsHeadVocabularySeedAndPrecisionAreTaken()
    {
        var vocabulary = Path.Combine(_root, "words.txt");
        File.WriteAllLines(vocabulary, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "The"]);
        string[] line =
        [
            "new", "squeezebert-base", Path.Combine(_root, "a"), "hidden_size=16", "num_attention_heads=2", "intermediate_size=32",
            "num_hidden_layers=1", "hidden_act=relu",
            "id2label={\"0\":\"no\",\"1\":\"yes\"}", "--head", "token-classification", "--vocab", vocabulary, "--cased", "--seed", "5",
            "--precision", "bfloat16",
        ];
        ToolRun.Of(line).Succeeds();
        line[2] = Path.Combine(_root, "b");
        ToolRun.Of(line).Succeeds();

        using var folder = ModelFolder.Open(line[2]);
        var configuration = Assert.IsType<SqueezeBertConfiguration>(folder.Configuration);
        Assert.Equal(["SqueezeBertForTokenClassification"], configuration.Architectures);
        Assert.Equal(["no", "yes"], configuration.Labels);
        Assert.Equal((8, 16, 16, 1, Activation.Relu), (configuration.VocabularySize, configuration.HiddenSize, configuration.EmbeddingSize,
            configuration.LayerCount, configuration.HiddenActivation));
        Assert.All(
            folder.Tensors.Names, name => Assert.True(folder.Tensors.TryGetTensor(name, out var info) && info.Type == TensorType.BFloat16));
        var tokenizer = BertTokenizer.Load(line[2]);
        Assert.Equal((512, false, 7), (tokenizer.ModelMaxLength, tokenizer.Options.LowerCase, tokenizer.Vocabulary.Count));
        Assert.Equal(File.ReadAllBytes(Path.Combine(_root, "a", "model.safetensors")),
            File.ReadAllBytes(Path.Combine(_root, "b", "model.safetensors")));
    }

    [Theory]
    [InlineData("there is no size 'bert-hug'; the nearest is 'bert-tiny'", "bert-hug")]
    [InlineData("there is no field 'hiden_size'; the nearest is 'hidden_size' (see", "bert-tiny", "hiden_size=3")]
    [InlineData("'hidden_size' is no field: NAME=VALUE is meant", "bert-tiny", "hidden_size")]
    [InlineData("field 'hidden_size' is given twice", "bert-tiny", "hidden_size=128", "hidden_size=128")]
    [InlineData("field 'hidden_size': is \"wide\", not a whole number", "bert-tiny", "hidden_size=wide")]
    [InlineData("field 'num_attention_heads': is 3, which does not divide 'hidden_size' (128)", "bert-tiny", "num_attention_heads=3")]
    [InlineData("--cased needs --vocab", "bert-tiny", "--cased")]
    [InlineData("crowning", "bert-tiny", "--head", "crowning")]
    public void AWrongCommandLineIsOneLineAndCode2(string reason, string size, params string[] rest)
    {
        var folder = Path.Combine(_root, "never");
        var run = ToolRun.Of(["new", size, folder, .. rest]);
        run.AssertFails(2, reason);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("squeezebert")]
    [InlineData("bert")]
    [InlineData("squeezebert-separable", "embedding_size=16", "num_hidden_layers=1", "convolution_kernel_sizes=[3,5]")]
    [InlineData("mobilebert", "embedding_size=16", "num_hidden_layers=1")]
    public void TheEmbeddingsOfAnotherModelAreCopied(string size, params string[] fields)
    {
        var source = Path.Combine(_root, "source");
        ToolRun.Of("new", "bert", source, "hidden_size=16", "num_attention_heads=2", "intermediate_size=32", "num_hidden_layers=1",
            "vocab_size=301", "--seed", "3").Succeeds();
        var folder = Path.Combine(_root, "copy");
        string[] sizes = ["hidden_size=16", "num_attention_heads=2", "intermediate_size=32"];
        if (size == "mobilebert") sizes = ["hidden_size=32", "intra_bottleneck_size=16", "num_attention_heads=2", "intermediate_size=32"];
        ToolRun.Of(["new", size, folder, .. sizes, .. fields,
            "--embeddings-from", source, "--seed", "4"]).Succeeds();

        using var from = ModelFolder.Open(source);
        using var to = ModelFolder.Open(folder);
        Assert.Equal(301, BertTokenizer.Load(folder).Vocabulary.Count);
        Assert.Equal(size.StartsWith("squeeze", StringComparison.Ordinal) ? 304 : 301, to.Configuration.VocabularySize);
        var words = Values(from, "embeddings.word_embeddings.weight");
        Assert.Equal(words, Values(to, "embeddings.word_embeddings.weight")[..words.Length]);
        if (to.Configuration.HiddenSize == 16)
            Assert.Equal(Values(from, "embeddings.position_embeddings.weight"), Values(to, "embeddings.position_embeddings.weight"));

        // Everything else is as random as without the option.
        var without = Path.Combine(_root, "without");
        ToolRun.Of(["new", size, without, .. sizes, .. fields,
            "vocab_size=301", "--seed", "4"]).Succeeds();
        using var other = ModelFolder.Open(without);
        var layers = to.Tensors.Names.Where(name => name.Contains("encoder.", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(layers);
        Assert.All(layers, name => Assert.Equal(Values(other, name), Values(to, name)));

        static float[] Values(ModelFolder model, string name)
        {
            Assert.True(model.TryFind(name, out var info));
            var values = new float[info.ElementCount];
            model.Tensors.ReadFloats(info.Name, values);
            return values;
        }
    }

    [Theory]
    [InlineData(2, "--vocab does not go with --embeddings-from", "hidden_size=16", "--vocab", "vocab.txt")]
    [InlineData(1, "has 16 numbers a token and the new model 32; give the new model hidden_size=16 or less", "hidden_size=32")]
    public void EmbeddingsThatDoNotFitAreRefused(int code, string reason, params string[] rest)
    {
        var source = Path.Combine(_root, "source");
        ToolRun.Of("new", "bert", source, "hidden_size=16", "num_attention_heads=2", "intermediate_size=32", "num_hidden_layers=1",
            "vocab_size=301").Succeeds();
        var folder = Path.Combine(_root, "never");
        ToolRun.Of(["new", "bert", folder, "num_attention_heads=2", .. rest, "--embeddings-from", source]).AssertFails(code, reason);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void AFolderWithAModelIsLeftAlone()
    {
        var folder = Path.Combine(_root, "twice");
        ToolRun.Of("new", "bert-tiny", folder, "vocab_size=100").Succeeds();
        var before = File.ReadAllBytes(Path.Combine(folder, "model.safetensors"));
        ToolRun.Of("new", "bert-tiny", folder, "vocab_size=200").AssertFails(1, "has a config.json already");
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }
}
