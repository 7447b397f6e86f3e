using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Tests.Inference;

/// <summary>
/// ELECTRA against a plain implementation in float64 that knows the reference's tensor names and nothing of graphs, and against parameter
/// counts by hand.
/// </summary>
public class ElectraTests
{
    private static readonly ElectraConfiguration Small = new()
    {
        VocabularySize = 40,
        HiddenSize = 24,
        EmbeddingSize = 10,
        HeadCount = 3,
        LayerCount = 2,
        IntermediateSize = 36,
        MaxPositionEmbeddings = 16,
        Labels = ["a", "b", "c"],
    };

    public static TheoryData<string, int, bool> Cases()
    {
        var cases = new TheoryData<string, int, bool>();
        foreach (var suffix in new[]
            { "Model", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering", "ForMaskedLM", "ForPreTraining" })
        {
            cases.Add("Electra" + suffix, 10, true);
            cases.Add("Electra" + suffix, 24, true);
        }

        cases.Add("ElectraForMaskedLM", 10, false);
        return cases;
    }

    /// <summary>Written to a folder and read again, so that the names in the file are what is tested.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void ACheckpointComputesWhatThePlainImplementationDoes(string className, int embeddingSize, bool tied)
    {
        using var path = new TemporaryFolder();
        NewModel.Save(path.Path, Small with { Architectures = [className], EmbeddingSize = embeddingSize, TieWordEmbeddings = tied });
        using var folder = ModelFolder.Open(path.Path);
        var configuration = Assert.IsType<ElectraConfiguration>(folder.Configuration);
        Assert.True(folder.CompareWeights() is { IsComplete: true, Unused: [], Ignored: [] });
        using var model = ModelLoader.Load(folder, languageModelRows: RowSet.Tokens);
        using var session = model.CreateSession(model.OutputNames);
        int[][] texts = [[2, 7, 7, 30, 3], [5]];
        int[][] types = [[0, 0, 1, 1, 1], [1]];
        var batch = new PackedBatch();
        for (var i = 0; i < texts.Length; i++) batch.Add(texts[i], types[i]);
        session.Run(batch);
        var plain = new PlainElectra(folder, configuration);
        var expected = texts.Select((text, i) => plain.Run(text, types[i], className)).ToList();
        foreach (var name in expected[0].Keys)
        {
            var values = expected.SelectMany(outputs => outputs[name]).SelectMany(row => row).ToArray();
            var actual = session.GetOutput(name).ToArray();
            Assert.Equal(values.Length, actual.Length);
            for (var i = 0; i < values.Length; i++) Assert.Equal(values[i], actual[i], 2e-5 * Math.Max(1, values.Max(Math.Abs)));
        }

        Assert.Equal(expected[0].Keys.Append(OutputNames.HiddenState(0)).ToHashSet(),
            model.OutputNames.Where(name => !name.StartsWith("attentions.", StringComparison.Ordinal)
                && name is not (OutputNames.StartLogits or OutputNames.EndLogits or "hidden_states.1" or "hidden_states.2")).ToHashSet());
        Assert.Equal(folder.Tensors.Names.ToHashSet(), plain.Used);
    }

    /// <summary>
    /// Small: words 30,522 x 128, positions 512 x 128, types 2 x 128, norm 2 x 128 (3,972,864); projection 128 x 256 + 256 (33,024); twelve
    /// layers of 4 x (256 x 256 + 256) + 2 x 256 + 256 x 1024 + 1024 + 1024 x 256 + 256 + 2 x 256 (789,760). A pooler would add 65,792.
    /// </summary>
    [Fact]
    public void ParametersAreThoseOfThePublishedSizes()
    {
        Assert.Equal(3_972_864 + 33_024 + (12 * 789_760), Count("electra-small", ModelHead.None));
        Assert.Equal(13_483_008, Count("electra-small", ModelHead.None));
        Assert.Equal(13_483_008 + (256 * 256) + 256 + 256 + 1, Count("electra-small", ModelHead.ReplacedTokenDetection));
        Assert.Equal(13_483_008 + (256 * 256) + 256 + (2 * 256) + 2, Count("electra-small", ModelHead.SequenceClassification));
        Assert.Equal(13_483_008 + (256 * 128) + 128 + (2 * 128) + 30_522, Count("electra-small", ModelHead.MaskedLanguageModel));

        // BERT's without its pooler, for embeddings of the hidden size need no projection.
        Assert.Equal(Count("bert-base", ModelHead.None) - ((768 * 768) + 768), Count("electra-base", ModelHead.None));
        Assert.Equal(Count("bert-large", ModelHead.None) - ((1024 * 1024) + 1024), Count("electra-large", ModelHead.None));

        static long Count(string size, ModelHead head) => ModelCost.ParameterCount(ModelGraph.Create(NewModel.Configure(size), head));
    }

    [Fact]
    public void APublishedConfigIsRead()
    {
        var read = Assert.IsType<ElectraConfiguration>(ModelConfiguration.Parse(
            """
            {"architectures":["ElectraForPreTraining"],"attention_probs_dropout_prob":0.1,"embedding_size":128,"hidden_act":"gelu",
            "hidden_dropout_prob":0.1,"hidden_size":256,"initializer_range":0.02,"intermediate_size":1024,"layer_norm_eps":1e-12,
            "max_position_embeddings":512,"model_type":"electra","num_attention_heads":4,"num_hidden_layers":12,"pad_token_id":0,
            "summary_activation":"gelu","summary_last_dropout":0.1,"summary_type":"first","summary_use_proj":true,"type_vocab_size":2,
            "vocab_size":30522}
            """u8, "config.json"));
        Assert.Equal(ModelHead.ReplacedTokenDetection, ModelHeads.Of(read));
        Assert.Equal(Sizes(new ElectraConfiguration()), Sizes(read));
        Assert.Contains("'is_decoder'", Assert.Throws<InvalidModelFileException>(() =>
            ModelConfiguration.Parse("""{"model_type":"electra","is_decoder":true}"""u8, "config.json")).Message, StringComparison.Ordinal);

        static Dictionary<string, string> Sizes(ModelConfiguration configuration) => configuration.KnownFields()
            .Where(field => field.Value?.GetValueKind() == JsonValueKind.Number)
            .ToDictionary(field => field.Key, field => field.Value!.ToJsonString());
    }

    /// <summary>As the reference has it: [batch, length], without an axis of channels.</summary>
    [Fact]
    public void TheDiscriminatorGivesPaddedCallersOneNumberAToken()
    {
        var graph = ModelGraph.Create(Small, ModelHead.ReplacedTokenDetection);
        using var model = new Engine(Small, graph, new FormulaParameters());
        var logits = PaddedForward.Run(model, [2, 3], [2, 7, 3, 2, 3, 0], [1, 1, 1, 1, 1, 0], [], [OutputNames.Logits])[0];
        Assert.Equal([2, 3], logits.Shape);
        Assert.Equal(0, logits.Values[5]);
        Assert.DoesNotContain(0, logits.Values[..5]);
    }

    /// <summary>The reference's modules one after another, over lists of rows.</summary>
    private sealed class PlainElectra(ModelFolder folder, ElectraConfiguration c)
    {
        private readonly bool _isBare = folder.Configuration.Architectures[0] == "ElectraModel";

        public HashSet<string> Used { get; } = [];

        public Dictionary<string, double[][]> Run(int[] ids, int[] types, string className)
        {
            var (words, places, kinds) = (Rows("embeddings.word_embeddings"), Rows("embeddings.position_embeddings"),
                Rows("embeddings.token_type_embeddings"));
            var x = ids.Select((id, i) => words[id].Select((word, k) => word + places[i][k] + kinds[types[i]][k]).ToArray()).ToArray();
            x = Norm(x, "embeddings.LayerNorm");
            if (c.EmbeddingSize != c.HiddenSize) x = Linear(x, "embeddings_project");
            for (var layer = 0; layer < c.LayerCount; layer++)
            {
                var name = $"encoder.layer.{layer}.";
                x = Norm(
                    Add(Linear(Attention(x, name + "attention.self."), name + "attention.output.dense"), x),
                    name + "attention.output.LayerNorm");
                x = Norm(
                    Add(Linear(Gelu(Linear(x, name + "intermediate.dense")), name + "output.dense"), x), name + "output.LayerNorm");
            }

            var outputs = new Dictionary<string, double[][]> { [OutputNames.LastHiddenState] = x };
            var logits = className switch
            {
                "ElectraForSequenceClassification" =>
                    Linear(Gelu(Linear([x[0]], "classifier.dense", "")), "classifier.out_proj", ""),
                "ElectraForTokenClassification" => Linear(x, "classifier", ""),
                "ElectraForQuestionAnswering" => Linear(x, "qa_outputs", ""),
                "ElectraForMaskedLM" => Decode(
                    Norm(Gelu(Linear(x, "generator_predictions.dense", "")), "generator_predictions.LayerNorm", "")),
                "ElectraForPreTraining" =>
                    Linear(Gelu(Linear(x, "discriminator_predictions.dense", "")), "discriminator_predictions.dense_prediction", ""),
                _ => null,
            };
            if (logits is not null) outputs[OutputNames.Logits] = logits;
            return outputs;
        }

        private double[][] Decode(double[][] x)
        {
            var weight = c.TieWordEmbeddings ? Rows("embeddings.word_embeddings") : Rows("generator_lm_head", "");
            return Product(x, weight, Values("generator_lm_head.bias", ""));
        }

        private double[][] Attention(double[][] x, string name)
        {
            var (query, key, value) = (Linear(x, name + "query"), Linear(x, name + "key"), Linear(x, name + "value"));
            var width = c.HiddenSize / c.HeadCount;
            return [.. query.Select(q =>
            {
                var context = new double[c.HiddenSize];
                for (var head = 0; head < c.HeadCount; head++)
                {
                    var channels = Enumerable.Range(head * width, width).ToList();
                    var weights = key.Select(k => Math.Exp(channels.Sum(i => q[i] * k[i]) / Math.Sqrt(width))).ToList();
                    foreach (var i in channels) context[i] = value.Select((v, token) => v[i] * weights[token]).Sum() / weights.Sum();
                }

                return context;
            })];
        }

        private double[][] Linear(double[][] x, string name, string? prefix = null) =>
            Product(x, Rows(name, prefix), Values(name + ".bias", prefix));

        private static double[][] Product(double[][] x, double[][] weight, double[] bias) =>
            [.. x.Select(row => weight.Select((w, o) => bias[o] + row.Zip(w, (a, b) => a * b).Sum()).ToArray())];

        private double[][] Norm(double[][] x, string name, string? prefix = null)
        {
            var (weight, bias) = (Values(name + ".weight", prefix), Values(name + ".bias", prefix));
            return [.. x.Select(row =>
            {
                var mean = row.Average();
                var deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + 1e-12);
                return row.Select((value, i) => ((value - mean) / deviation * weight[i]) + bias[i]).ToArray();
            })];
        }

        private static double[][] Add(double[][] x, double[][] y) => [.. x.Zip(y, (a, b) => a.Zip(b, (c, d) => c + d).ToArray())];

        private static double[][] Gelu(double[][] x) =>
            [.. x.Select(row => row.Select(value => value / 2 * (1 + Erf(value / Math.Sqrt(2)))).ToArray())];

        /// <summary>Simpson's rule over the density; 2,000 steps are exact to 1e-12 here.</summary>
        private static double Erf(double x)
        {
            const int Steps = 2000;
            var h = x / Steps;
            var sum = 1 + Math.Exp(-x * x);
            for (var i = 1; i < Steps; i++) sum += (i % 2 == 0 ? 2 : 4) * Math.Exp(-(i * h) * (i * h));
            return 2 / Math.Sqrt(Math.PI) * sum * h / 3;
        }

        private double[][] Rows(string name, string? prefix = null)
        {
            var values = Values(name + ".weight", prefix);
            Assert.True(folder.Tensors.TryGetTensor((prefix ?? Prefix) + name + ".weight", out var info));
            return [.. values.Chunk((int)info.Shape[1])];
        }

        private string Prefix => _isBare ? "" : "electra.";

        private double[] Values(string name, string? prefix = null)
        {
            name = (prefix ?? Prefix) + name;
            Used.Add(name);
            Assert.True(folder.Tensors.TryGetTensor(name, out var info), name);
            var values = new float[info.ElementCount];
            folder.Tensors.ReadFloats(name, values);
            return [.. values.Select(value => (double)value)];
        }
    }
}
