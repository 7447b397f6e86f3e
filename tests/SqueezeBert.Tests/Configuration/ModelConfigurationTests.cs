using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Tests.Configuration;

public sealed class ModelConfigurationTests
{
    public static TheoryData<string> Models => [.. GoldenModels.Folders.Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Models))]
    public void AFileComesBackAsItWas(string name)
    {
        var file = Path.Combine(GoldenModels.Folder(name), "config.json");

        var json = ModelConfiguration.Load(GoldenModels.Folder(name)).ToJson();

        Assert.Equal(JsonNode.Parse(File.ReadAllText(file))!.ToJsonString(), json.ToJsonString());
    }

    [Fact]
    public void MissingFieldsHaveTheReferencesDefaults()
    {
        var squeeze = Assert.IsType<SqueezeBertConfiguration>(Parse("""{"model_type":"squeezebert","vocab_size":30528,"num_labels":3}"""));
        Assert.Equal(30528, squeeze.VocabularySize);
        Assert.Equal((768, 768, 12, 12, 3072),
            (squeeze.HiddenSize, squeeze.EmbeddingSize, squeeze.LayerCount, squeeze.HeadCount, squeeze.IntermediateSize));
        Assert.Equal(
            (4, 4, 4, 1, 4, 4),
            (squeeze.QueryGroups, squeeze.KeyGroups, squeeze.ValueGroups, squeeze.PostAttentionGroups, squeeze.IntermediateGroups,
                squeeze.OutputGroups));
        Assert.Equal(
            (1e-12, 0.1, 0.1, 0.02), (squeeze.LayerNormEpsilon, squeeze.HiddenDropout, squeeze.AttentionDropout, squeeze.InitializerRange));
        Assert.Equal((512, 2, 0), (squeeze.MaxPositionEmbeddings, squeeze.TypeVocabularySize, squeeze.PadTokenId));
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2"], squeeze.Labels);
        Assert.True(squeeze.TieWordEmbeddings);
        Assert.Null(squeeze.ProblemType);
        Assert.Equal(Activation.Gelu, squeeze.HiddenActivation);

        var distil = Assert.IsType<DistilBertConfiguration>(Parse("""{"model_type":"distilbert"}"""));
        Assert.Equal((768, 6, 12, 3072, 0, 0.2), (distil.HiddenSize, distil.LayerCount, distil.HeadCount, distil.IntermediateSize,
            distil.TypeVocabularySize, distil.ClassifierDropout));

        var mobile = Assert.IsType<MobileBertConfiguration>(Parse("""{"model_type":"mobilebert"}"""));
        Assert.Equal((512, 128, 24, 4, 512, 128, 4), (mobile.HiddenSize, mobile.EmbeddingSize, mobile.LayerCount, mobile.HeadCount,
            mobile.IntermediateSize, mobile.TrueHiddenSize, mobile.FeedForwardCount));
        Assert.Equal(("no_norm", Activation.Relu, 0.0), (mobile.NormalizationType, mobile.HiddenActivation, mobile.HiddenDropout));
        Assert.Equal((true, true, false, true, true), (mobile.TrigramInput, mobile.UseBottleneck, mobile.UseBottleneckAttention,
            mobile.KeyQuerySharedBottleneck, mobile.ClassifierActivation));

        var separable = Assert.IsType<SeparableConfiguration>(Parse("""{"model_type":"squeezebert-separable"}"""));
        Assert.Equal((30528, 384, 128, 8, 12, 1536, 1), (separable.VocabularySize, separable.HiddenSize, separable.EmbeddingSize,
            separable.LayerCount, separable.HeadCount, separable.IntermediateSize, separable.ConvolutionGroups));
        Assert.Equal([3, 5, 7], separable.ConvolutionKernelSizes);
    }

    [Fact]
    public void TheFullSeparableModelHas9841920Parameters() =>
        Assert.Equal(
            9_841_920, ModelGraph.Create(new SeparableConfiguration(), ModelHead.None).Parameters.Sum(parameter => parameter.Length));

    [Fact]
    public void AChangedCopyKeepsTheRestInItsPlace()
    {
        var loaded = Parse(
            """{"zebra":[1,{"x":null}],"model_type":"squeezebert","layer_norm_eps":1e-12,"hidden_size":768,"num_labels":2,"alpha":1.50}""");

        var json = (loaded with { Labels = ["negative", "positive"], ProblemType = ProblemType.SingleLabelClassification }).ToJson();

        Assert.Equal(
            """{"zebra":[1,{"x":null}],"model_type":"squeezebert","layer_norm_eps":1e-12,"hidden_size":768,"alpha":1.50,"id2label":{"0":"negative","1":"positive"},"label2id":{"negative":0,"positive":1},"problem_type":"single_label_classification"}""",
            json.ToJsonString());
    }

    [Fact]
    public void ATemperatureStaysWithItsLabels()
    {
        var calibrated = Parse("""{"model_type":"squeezebert","num_labels":2,"calibration_temperature":1.5,"alpha":1}""");
        Assert.Equal(1.5, calibrated.CalibrationTemperature);
        Assert.Equal(
            """{"model_type":"squeezebert","num_labels":2,"calibration_temperature":2.0,"alpha":1}""",
            (calibrated with { CalibrationTemperature = 2 }).ToJson().ToJsonString());
        Assert.DoesNotContain(
            "calibration", (calibrated with { Labels = ["a", "b"] }).ToJson().ToJsonString(), StringComparison.Ordinal);
        var made = new SqueezeBertConfiguration { CalibrationTemperature = 0.5 };
        Assert.Contains("\"calibration_temperature\":0.5", made.ToJson().ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("calibration", new SqueezeBertConfiguration().ToJson().ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AConfigurationMadeInCodeIsTheOneThatIsReadBack()
    {
        using var folder = new TemporaryFolder();
        var made = new SqueezeBertConfiguration
        {
            Architectures = ["SqueezeBertForSequenceClassification"],
            VocabularySize = 8000,
            HiddenSize = 256,
            HeadCount = 4,
            LayerCount = 3,
            IntermediateSize = 1024,
            HiddenActivation = Activation.GeluTanh,
            HiddenDropout = 0,
            PostAttentionGroups = 2,
            Labels = ["négatif", "positif", "日本"],
            ProblemType = ProblemType.MultiLabelClassification,
        };

        made.Save(folder.Path);
        var read = Assert.IsType<SqueezeBertConfiguration>(ModelConfiguration.Load(folder.Path));

        Assert.Equal(made.ToJson().ToJsonString(), read.ToJson().ToJsonString());
        Assert.Equal(256, read.EmbeddingSize);
        Assert.Equal(made.Labels, read.Labels);
        Assert.Equal(0, read.HiddenDropout);
        Assert.Contains("\"hidden_dropout_prob\": 0.0,", File.ReadAllText(folder.File("config.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[]""", "does not hold a JSON object")]
    [InlineData("""{"model_type":"squeezebert",}""", "not valid JSON")]
    [InlineData("""{"model_type":"squeezebert"} x""", "not valid JSON")]
    [InlineData("""{"model_type":"squeezebert","hidden_size":768,"hidden_size":768}""", "not valid JSON")]
    [InlineData("""{"model_type":"squeezebert","x":"\udc00"}""", "not valid Unicode")]
    [InlineData("""{"model_type":"squeezebert","hidden_size":NaN}""", "not valid JSON")]
    [InlineData("""{"hidden_size":768}""", "field 'model_type': is missing")]
    [InlineData("""{"model_type":"roberta"}""", "architecture 'roberta' is not supported; supported are squeezebert, bert (")]
    [InlineData("""{"model_type":"mpnet"}""", "architecture 'mpnet' is not supported")]
    [InlineData("""{"architectures":["MPNetModel"]}""", "architecture 'MPNetModel' is not supported")]
    [InlineData("""{"model_type":7}""", "field 'model_type': is 7, not a string")]
    [InlineData("""{"model_type":"bert","hidden_size":"768"}""", "field 'hidden_size': is \"768\", not a whole number")]
    [InlineData("""{"model_type":"bert","hidden_size":1.5}""", "field 'hidden_size': is 1.5, not a whole number")]
    [InlineData("""{"model_type":"bert","hidden_size":1e400}""", "field 'hidden_size'")]
    [InlineData("""{"model_type":"bert","hidden_size":0}""", "field 'hidden_size': is 0; it must be 1 to 65536")]
    [InlineData("""{"model_type":"bert","vocab_size":2147483647}""", "field 'vocab_size': is 2147483647; it must be 1 to 16777216")]
    [InlineData("""{"model_type":"bert","num_hidden_layers":-1}""", "field 'num_hidden_layers': is -1")]
    [InlineData("""{"model_type":"bert","num_attention_heads":7}""",
        "field 'num_attention_heads': is 7, which does not divide 'hidden_size' (768); change one of them")]
    [InlineData("""{"model_type":"squeezebert","q_groups":5}""", "field 'q_groups': is 5, which does not divide 'hidden_size' (768)")]
    [InlineData("""{"model_type":"squeezebert","q_groups":0}""", "field 'q_groups': is 0")]
    [InlineData("""{"model_type":"squeezebert","intermediate_groups":3,"intermediate_size":3071}""",
        "field 'intermediate_groups': is 3, which does not divide 'intermediate_size' (3071)")]
    [InlineData("""{"model_type":"squeezebert","embedding_size":128}""", "field 'embedding_size': is 128; a squeezebert model needs")]
    [InlineData("""{"model_type":"bert","hidden_act":"mish"}""",
        "field 'hidden_act': activation 'mish' is not supported; supported are gelu, ")]
    [InlineData("""{"model_type":"bert","hidden_dropout_prob":1.5}""", "field 'hidden_dropout_prob': is 1.5; it must be 0 to 1")]
    [InlineData("""{"model_type":"bert","layer_norm_eps":0}""", "field 'layer_norm_eps': is 0; it must be above 0")]
    [InlineData("""{"model_type":"bert","calibration_temperature":0}""",
        "field 'calibration_temperature': is 0; it must be 0.01 to 100")]
    [InlineData("""{"model_type":"bert","calibration_temperature":"1"}""", "field 'calibration_temperature': is \"1\", not a finite")]
    [InlineData("""{"model_type":"bert","pad_token_id":30522}""", "field 'pad_token_id': is 30522; it must be 0 to 30521")]
    [InlineData("""{"model_type":"bert","position_embedding_type":"relative_key"}""", "field 'position_embedding_type'")]
    [InlineData("""{"model_type":"bert","is_decoder":true}""", "field 'is_decoder'")]
    [InlineData("""{"model_type":"bert","problem_type":"ranking"}""", "field 'problem_type': is 'ranking'")]
    [InlineData("""{"model_type":"bert","id2label":{}}""", "field 'id2label': has 0 labels")]
    [InlineData("""{"model_type":"bert","num_labels":1000000000}""", "field 'num_labels': is 1000000000")]
    [InlineData("""{"model_type":"bert","architectures":"BertModel"}""", "field 'architectures'")]
    [InlineData("""{"model_type":"bert","tie_word_embeddings":1}""", "field 'tie_word_embeddings': is 1, not true or false")]
    [InlineData("""{"model_type":"mobilebert","normalization_type":"batch_norm"}""", "field 'normalization_type'")]
    [InlineData("""{"model_type":"mobilebert","num_feedforward_networks":0}""", "field 'num_feedforward_networks'")]
    [InlineData("""{"model_type":"squeezebert-separable","convolution_kernel_sizes":[3,4,5]}""",
        "field 'convolution_kernel_sizes': has a size of 4; sizes must be odd")]
    [InlineData("""{"model_type":"squeezebert-separable","convolution_kernel_sizes":[]}""",
        "field 'convolution_kernel_sizes': has 0 sizes")]
    public void ErrorsNameFileAndField(string json, string message)
    {
        var error = Assert.Throws<InvalidModelFileException>(() => Parse(json));

        Assert.StartsWith("dir/config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ValuesSetInCodeAreCheckedBeforeTheyAreSaved()
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<InvalidModelFileException>(() => new SqueezeBertConfiguration { HiddenSize = 100 }.Save(folder.Path));

        Assert.Equal("field 'num_attention_heads'", error.Item);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void DeepAndRepetitiveJsonIsRefused()
    {
        Assert.Throws<InvalidModelFileException>(() => Parse("""{"x":""" + new string('[', 1_000_000)));
        Assert.Throws<InvalidModelFileException>(() => Parse("""{"x":[""" + string.Join(',', Enumerable.Repeat("0", 1_000_001)) + "]}"));
    }

    [Fact]
    public void TruncatedAtEveryByte()
    {
        var whole = File.ReadAllBytes(Path.Combine(GoldenModels.Folder("mobilebert-encoder"), "config.json")).AsSpan()
            .TrimEnd((byte)'\n').ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            var part = whole[..length];
            Assert.Throws<InvalidModelFileException>(() => ModelConfiguration.Parse(part, "config.json"));
        }
    }

    [Fact]
    public void ChangedBytesGiveTheDocumentedExceptionOrAConfiguration()
    {
        var whole = File.ReadAllBytes(Path.Combine(GoldenModels.Folder("squeezebert-multi-label"), "config.json"));
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                ModelConfiguration.Parse(bytes, "config.json").ToJson();
            }
            catch (InvalidModelFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1, 4_999);
    }

    private static ModelConfiguration Parse(string json) => ModelConfiguration.Parse(Encoding.UTF8.GetBytes(json), "dir/config.json");
}
