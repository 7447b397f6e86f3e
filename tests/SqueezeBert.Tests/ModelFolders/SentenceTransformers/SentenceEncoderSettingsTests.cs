using SqueezeBert.Checkpoints;

namespace SqueezeBert.Tests.ModelFolders.SentenceTransformers;

/// <summary>The folders that sentence-transformers writes, in its own words; what would change the vectors is refused.</summary>
public sealed class SentenceEncoderSettingsTests : IDisposable
{
    private const string Transformer = """{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"}""";
    private const string Pooling = """{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}""";
    private const string Normalize = """{"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}""";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheLayoutOfMiniLM()
    {
        Write("modules.json", $"[{Transformer},{Pooling},{Normalize}]");
        Write("1_Pooling/config.json",
            """{"word_embedding_dimension":384,"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":false,"pooling_mode_mean_sqrt_len_tokens":false}""");
        Write("sentence_bert_config.json", """{"max_seq_length":256,"do_lower_case":false}""");
        Write("config_sentence_transformers.json", """{"__version__":{"pytorch":"1.8.1"}}""");

        var settings = SentenceEncoderSettings.Load(_folder.Path);

        Assert.Equal(new SentenceEncoderSettings
        {
            ModelPath = _folder.Path,
            Pooling = SentencePooling.Mean,
            Normalize = true,
            MaxSequenceLength = 256,
            Prompts = settings.Prompts
        }, settings);
        Assert.Empty(settings.Prompts);
        Assert.True(SentenceEncoderSettings.Exists(_folder.Path));
    }

    [Fact]
    public void TheLayoutOfAModelWithPromptsAndAnOldOne()
    {
        Write("modules.json",
            $"[{Transformer.Replace("\"path\":\"\"", "\"path\":\"0_Transformer\"", StringComparison.Ordinal)},{Pooling}]");
        Write("1_Pooling/config.json",
            """{"word_embedding_dimension":384,"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false,"include_prompt":false}""");
        Write("0_Transformer/sentence_distilbert_config.json", """{"max_seq_length":null,"do_lower_case":true}""");
        Write("config_sentence_transformers.json",
            """{"prompts":{"query":"query: ","passage":""},"default_prompt_name":"query","similarity_fn_name":"cosine"}""");

        var settings = SentenceEncoderSettings.Load(_folder.Path);

        Assert.Equal(_folder.File("0_Transformer"), settings.ModelPath);
        Assert.Equal((SentencePooling.Cls, false, false, true),
            (settings.Pooling, settings.PoolsPrompt, settings.Normalize, settings.LowerCase));
        Assert.Null(settings.MaxSequenceLength);
        Assert.Equal(("query: ", "", "query", "cosine"),
            (settings.Prompts["query"], settings.Prompts["passage"], settings.DefaultPromptName, settings.SimilarityFunction));
    }

    /// <summary>The names that encode_query and encode_document of sentence-transformers look for.</summary>
    [Theory]
    [InlineData("""{"query": "q", "passage": "p", "document": "d"}""", null, "query", "document")]
    [InlineData("""{"query": "q", "corpus": "c", "passage": "p"}""", "query", "query", "passage")]
    [InlineData("""{"corpus": "c"}""", null, null, "corpus")]
    [InlineData("""{"title": "t"}""", "title", "title", "title")]
    [InlineData("{}", null, null, null)]
    public void QueriesAndDocumentsHaveTheirPrompts(string prompts, string? defaultName, string? query, string? document)
    {
        Write("config_sentence_transformers.json",
            $$"""{"prompts": {{prompts}}, "default_prompt_name": {{(defaultName is null ? "null" : $"\"{defaultName}\"")}}}""");

        var settings = SentenceEncoderSettings.Load(_folder.Path);

        Assert.Equal((query, document), (settings.QueryPromptName, settings.DocumentPromptName));
    }

    [Fact]
    public void APlainModelIsPooledByTheMean()
    {
        Assert.Equal((SentencePooling.Mean, false, null), (SentenceEncoderSettings.Load(_folder.Path).Pooling,
            SentenceEncoderSettings.Load(_folder.Path).Normalize, SentenceEncoderSettings.Load(_folder.Path).MaxSequenceLength));
        Assert.False(SentenceEncoderSettings.Exists(_folder.Path));
        Assert.Contains("no such file or folder",
            Assert.Throws<InvalidModelFileException>(() => SentenceEncoderSettings.Load(_folder.File("x"))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pooling_mode_cls_token", SentencePooling.Cls)]
    [InlineData("pooling_mode_mean_tokens", SentencePooling.Mean)]
    [InlineData("pooling_mode_max_tokens", SentencePooling.Max)]
    [InlineData("pooling_mode_mean_sqrt_len_tokens", SentencePooling.MeanSqrtLength)]
    [InlineData("pooling_mode_weightedmean_tokens", SentencePooling.WeightedMean)]
    [InlineData("pooling_mode_lasttoken", SentencePooling.LastToken)]
    public void EveryPoolingIsRead(string field, SentencePooling expected)
    {
        Write("modules.json", $"[{Transformer},{Pooling}]");
        Write("1_Pooling/config.json", $$"""{"pooling_mode_mean_tokens":false,"{{field}}":true}""".Replace(
            "\"pooling_mode_mean_tokens\":false,\"pooling_mode_mean_tokens\"", "\"pooling_mode_mean_tokens\"", StringComparison.Ordinal));

        Assert.Equal(expected, SentenceEncoderSettings.Load(_folder.Path).Pooling);
    }

    [Theory]
    [InlineData("{}", SentencePooling.Mean, true)]
    [InlineData("""{"pooling_mode_cls_token":false}""", SentencePooling.Mean, true)]
    [InlineData("""{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":null}""", SentencePooling.Cls, true)]
    [InlineData("""{"pooling_mode":"lasttoken","pooling_mode_cls_token":true}""", SentencePooling.LastToken, true)]
    [InlineData("""{"pooling_mode":["max"]}""", SentencePooling.Max, true)]
    [InlineData("""{"pooling_mode":null,"include_prompt":null}""", SentencePooling.Mean, false)]
    public void APoolingThatIsNotNamedIsTheMean(string json, SentencePooling expected, bool poolsPrompt)
    {
        Write("modules.json", $"[{Transformer},{Pooling}]");
        Write("1_Pooling/config.json", json);

        var settings = SentenceEncoderSettings.Load(_folder.Path);
        Assert.Equal((expected, poolsPrompt), (settings.Pooling, settings.PoolsPrompt));
    }

    [Theory]
    [InlineData("{}", "is not a list of 1 to 16 modules")]
    [InlineData("[]", "is not a list of 1 to 16 modules")]
    [InlineData("[],\"x\":[]", "is not a list of 1 to 16 modules")]
    [InlineData("[1]", "has a module without 'type' and 'path'")]
    [InlineData("""[{"type":"sentence_transformers.models.Transformer"}]""", "has a module without")]
    [InlineData(
        """[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"../1_Pooling"}]""", "'../1_Pooling' is not the plain name of a folder")]
    [InlineData(
        """[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"},{"type":"sentence_transformers.models.Dense","path":"2_Dense"}]""", "module 'Dense' is not supported")]
    [InlineData("""[{"type":"sentence_transformers.models.CLIPModel","path":""}]""", "module 'CLIPModel' is not supported")]
    [InlineData("""[{"type":"my_code.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]""",
        "module 'my_code.Transformer' is not supported")]
    [InlineData("""[{"type":"sentence_transformers.models.Transformer","path":""}]""", "has the modules Transformer; supported are")]
    [InlineData(
        """[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"3_Pooling"}]""", "has a pooling without its configuration")]
    public void ModulesThatWouldChangeTheVectorsAreRefused(string modules, string message)
    {
        Write("modules.json", modules);
        Write("1_Pooling/config.json", """{"pooling_mode_mean_tokens":true}""");

        Assert.Contains(message, Assert.Throws<InvalidModelFileException>(() => SentenceEncoderSettings.Load(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_mean_tokens":false}""", "no pooling is chosen")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_cls_token":true}""", "'pooling_mode_mean_tokens': is missing beside Cls")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode":["cls","mean"]}""", "several poolings at once are not supported: Cls, Mean")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode":7}""", "field 'pooling_mode'")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_mean_tokens":true,"pooling_mode_cls_token":true}""",
        "several poolings at once are not supported: Cls, Mean")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode":"attention"}""", "'attention' is not supported")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_mean_tokens":1}""",
        "field 'pooling_mode_mean_tokens': is neither true nor false")]
    [InlineData("sentence_bert_config.json", """{"max_seq_length":0}""", "field 'max_seq_length'")]
    [InlineData("sentence_bert_config.json", """{"max_seq_length":1.5}""", "field 'max_seq_length'")]
    [InlineData("config_sentence_transformers.json", """{"prompts":{"query":1}}""", "'query' is not a string")]
    [InlineData("config_sentence_transformers.json", """{"prompts":["query"]}""", "is not an object of texts")]
    [InlineData("config_sentence_transformers.json", """{"prompts":{},"default_prompt_name":"query"}""",
        "is 'query', which is none of the prompts")]
    public void DamagedFilesAreRefused(string file, string json, string message)
    {
        Write("modules.json", $"[{Transformer},{Pooling}]");
        Write("1_Pooling/config.json", """{"pooling_mode_mean_tokens":true}""");
        Write(file, json);

        Assert.Contains(message, Assert.Throws<InvalidModelFileException>(() => SentenceEncoderSettings.Load(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    private void Write(string name, string json)
    {
        var path = Path.Combine([_folder.Path, .. name.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, json);
    }
}
