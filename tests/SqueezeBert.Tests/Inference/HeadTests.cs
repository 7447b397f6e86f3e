using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Tests.Inference;

/// <summary>
/// Every head on every architecture against a plain twin that starts from the encoder's outputs, under the reference's parameter names.
/// </summary>
public class HeadTests
{
    private const string Words = "embeddings.word_embeddings.weight";

    private static readonly Dictionary<string, ModelConfiguration> Configurations = new()
    {
        ["squeezebert"] = new SqueezeBertConfiguration
        {
            VocabularySize = 31,
            HiddenSize = 16,
            HeadCount = 2,
            LayerCount = 1,
            IntermediateSize = 32,
            Labels = ["a", "b", "c"]
        },
        ["separable"] = new SeparableConfiguration
        {
            VocabularySize = 31,
            HiddenSize = 24,
            EmbeddingSize = 10,
            HeadCount = 2,
            LayerCount = 1,
            IntermediateSize = 32,
            Labels = ["a", "b", "c"]
        },
        ["bert"] = new BertConfiguration
        {
            VocabularySize = 31,
            HiddenSize = 52,
            HeadCount = 2,
            LayerCount = 1,
            IntermediateSize = 20,
            Labels = ["a", "b", "c"]
        },
        ["distilbert"] = new DistilBertConfiguration
        {
            VocabularySize = 31,
            HiddenSize = 16,
            HeadCount = 2,
            LayerCount = 1,
            IntermediateSize = 20,
            Labels = ["a", "b", "c"]
        },
        ["mobilebert"] = new MobileBertConfiguration
        {
            VocabularySize = 31,
            HiddenSize = 24,
            EmbeddingSize = 10,
            IntraBottleneckSize = 12,
            HeadCount = 2,
            LayerCount = 1,
            IntermediateSize = 20,
            Labels = ["a", "b", "c"],
        },
    };

    public static TheoryData<string, string, bool> Cases()
    {
        var cases = new TheoryData<string, string, bool>();
        foreach (var architecture in Configurations.Keys)
        {
            foreach (var head in SupportedArchitectures.Of(Configurations[architecture]).Heads.Where(head => head != ModelHead.None))
            {
                cases.Add(architecture, head.ToString(), true);
                if (head is ModelHead.MaskedLanguageModel or ModelHead.Pretraining) cases.Add(architecture, head.ToString(), false);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AHeadComputesWhatItsPlainTwinDoes(string architecture, string headName, bool tied)
    {
        var c = Configurations[architecture] with { TieWordEmbeddings = tied };
        var head = Enum.Parse<ModelHead>(headName);
        var parameters = new FormulaParameters();
        var graph = ModelGraph.Create(c, head, RowSet.Tokens);
        using var model = new Engine(c, graph, parameters, new EngineOptions { Threads = 1 });
        using var session = model.CreateSession(model.OutputNames);
        var batch = new PackedBatch();
        batch.Add([2, 7, 7, 30, 3]);
        batch.Add([5]);
        session.Run(batch);
        var hidden = session.GetOutput(OutputNames.LastHiddenState).ToArray();
        var first = FirstRows(hidden, c.HiddenSize, batch);
        var twin = new Twin(graph, parameters);

        var prefix = ModelGraph.BasePrefix(c);
        var expected = new Dictionary<string, double[]>();
        switch (head)
        {
            case ModelHead.SequenceClassification or ModelHead.MultipleChoice:
                expected[OutputNames.Logits] = twin.Linear(
                    c is DistilBertConfiguration ? Twin.Apply(x => Math.Max(x, 0), twin.Linear(first, "pre_classifier")) : Pooled(),
                    "classifier");
                Assert.Equal(head == ModelHead.MultipleChoice ? 1 : 3, session.GetWidth(OutputNames.Logits));
                break;
            case ModelHead.TokenClassification:
                expected[OutputNames.Logits] = twin.Linear(Twin.Double(hidden), "classifier");
                break;
            case ModelHead.QuestionAnswering:
                var spans = twin.Linear(Twin.Double(hidden), "qa_outputs");
                expected[OutputNames.Logits] = spans;
                expected[OutputNames.StartLogits] = [.. spans.Where((_, i) => i % 2 == 0)];
                expected[OutputNames.EndLogits] = [.. spans.Where((_, i) => i % 2 == 1)];
                break;
            case ModelHead.NextSentencePrediction:
                expected[OutputNames.Logits] = twin.Linear(Pooled(), "cls.seq_relationship");
                break;
            case ModelHead.MaskedLanguageModel or ModelHead.Pretraining:
                var transformed = c is DistilBertConfiguration
                    ? twin.LayerNorm(Twin.Apply(Gelu, twin.Linear(Twin.Double(hidden), "vocab_transform")), "vocab_layer_norm")
                    : twin.LayerNorm(
                        Twin.Apply(c is MobileBertConfiguration ? x => Math.Max(x, 0) : Gelu,
                            twin.Linear(Twin.Double(hidden), "cls.predictions.transform.dense")),
                        "cls.predictions.transform.LayerNorm");
                var decoder = c is DistilBertConfiguration ? "vocab_projector" : "cls.predictions.decoder";
                var weight = twin.Values(tied ? prefix + Words : decoder + ".weight");
                if (c is MobileBertConfiguration) weight = Join(weight, twin.Values("cls.predictions.dense.weight"), c.VocabularySize);
                var bias = twin.Values(c is DistilBertConfiguration || !tied ? decoder + ".bias" : "cls.predictions.bias");
                var isPretraining = head == ModelHead.Pretraining;
                expected[isPretraining ? OutputNames.PredictionLogits : OutputNames.Logits] = Twin.Linear(transformed, weight, bias);
                if (isPretraining) expected[OutputNames.SentenceOrderLogits] = twin.Linear(Pooled(), "cls.seq_relationship");
                break;
        }

        Assert.NotEmpty(expected);
        foreach (var (name, values) in expected) AssertClose(values, session.GetOutput(name));
        Assert.Equal(OfHead(graph.Parameters.Select(parameter => parameter.Name)), OfHead(twin.Used));

        double[] Pooled() => Twin.Apply(Math.Tanh, twin.Linear(first, prefix + "pooler.dense"));
        IEnumerable<string> OfHead(IEnumerable<string> names) =>
            names.Where(name => !name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void DistilBertHasNoHeadForPairsOfSentences()
    {
        foreach (var head in new[] { ModelHead.NextSentencePrediction, ModelHead.Pretraining })
            Assert.Contains("no pooler",
                Assert.Throws<UnsupportedModelException>(() => ModelGraph.Create(new DistilBertConfiguration(), head)).Message,
                StringComparison.Ordinal);
    }

    /// <summary>As the published file has it: the pooled output is the first token's hidden state.</summary>
    [Fact]
    public void MobileBertMayLeaveThePoolerOut()
    {
        var c = (MobileBertConfiguration)Configurations["mobilebert"] with { ClassifierActivation = false };
        var graph = ModelGraph.Create(c, ModelHead.SequenceClassification);
        Assert.DoesNotContain(graph.Parameters, parameter => parameter.Name.Contains("pooler", StringComparison.Ordinal));
        var parameters = new FormulaParameters();
        using var model = new Engine(c, graph, parameters);
        using var session = model.CreateSession(OutputNames.LastHiddenState, OutputNames.PoolerOutput, OutputNames.Logits);
        var batch = Batch();
        session.Run(batch);
        var first = FirstRows(session.GetOutput(OutputNames.LastHiddenState).ToArray(), c.HiddenSize, batch);
        AssertClose(first, session.GetOutput(OutputNames.PoolerOutput));
        AssertClose(new Twin(graph, parameters).Linear(first, "classifier"), session.GetOutput(OutputNames.Logits));
    }

    /// <summary>Published files round the vocabulary up to a multiple of eight; no piece has the last ids.</summary>
    [Theory]
    [InlineData("squeezebert")]
    [InlineData("distilbert")]
    [InlineData("mobilebert")]
    public void IdsThatNoPieceHasNeverWin(string architecture)
    {
        var c = Configurations[architecture];
        using var all = new Engine(c, ModelGraph.Create(c, ModelHead.MaskedLanguageModel, RowSet.Tokens), new FormulaParameters());
        using var used = new Engine(c, ModelGraph.Create(c, ModelHead.MaskedLanguageModel, RowSet.Tokens, usedVocabulary: 25),
            new FormulaParameters());
        var (expected, actual) = (Logits(all), Logits(used));
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(i % c.VocabularySize < 25 ? expected[i] : float.NegativeInfinity, actual[i]);
    }

    [Fact]
    public void SelectedRowsHaveTheBitsTheyHaveAmongAll()
    {
        foreach (var c in Configurations.Values)
        {
            using var all = new Engine(c, ModelGraph.Create(c, ModelHead.MaskedLanguageModel, RowSet.Tokens),
                new FormulaParameters());
            using var some = new Engine(c, ModelGraph.Create(c, ModelHead.MaskedLanguageModel), new FormulaParameters());
            using var session = some.CreateSession(OutputNames.Logits);
            var batch = Batch();
            batch.Select(1);
            batch.Select(4);
            session.Run(batch);
            var width = c.VocabularySize;
            var logits = Logits(all);
            Assert.Equal([.. logits.AsSpan(width, width), .. logits.AsSpan(4 * width, width)], session.GetOutput(OutputNames.Logits));
        }
    }

    private static PackedBatch Batch()
    {
        var batch = new PackedBatch();
        batch.Add([1, 2, 3]);
        batch.Add([4, 5]);
        return batch;
    }

    private static float[] Logits(Engine model)
    {
        using var session = model.CreateSession(OutputNames.Logits);
        session.Run(Batch());
        return session.GetOutput(OutputNames.Logits).ToArray();
    }

    private static double[] FirstRows(float[] hidden, int width, PackedBatch batch)
    {
        var rows = new List<double>();
        foreach (var start in batch.TextStarts[..^1]) rows.AddRange(Twin.Double(hidden[(start * width)..((start + 1) * width)]));
        return [.. rows];
    }

    /// <summary>[V, E] and the transpose of [R, V] side by side.</summary>
    private static double[] Join(double[] words, double[] rest, int vocabulary) =>
    [
        .. Enumerable.Range(0, vocabulary)
            .SelectMany(row => words.AsSpan(row * words.Length / vocabulary, words.Length / vocabulary).ToArray()
            .Concat(Enumerable.Range(0, rest.Length / vocabulary).Select(column => rest[(column * vocabulary) + row]))),
    ];

    private static double Gelu(double x) => x * 0.5 * (1 + Erf(x / Math.Sqrt(2)));

    /// <summary>The Maclaurin series; arguments here are small.</summary>
    private static double Erf(double x)
    {
        var (sum, term) = (x, x);
        for (var n = 1; n < 200; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var tolerance = 1e-5 * Math.Max(1, expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
    }

    /// <summary>The operations of a head in plain loops over doubles; remembers which parameters it read.</summary>
    private sealed class Twin(Graph graph, IParameterSource source)
    {
        public HashSet<string> Used { get; } = [];

        public static double[] Double(float[] values) => [.. values.Select(value => (double)value)];

        public static double[] Apply(Func<double, double> function, double[] x) => [.. x.Select(function)];

        public double[] Values(string name)
        {
            Used.Add(name);
            var parameter = graph.Parameters.Single(parameter => parameter.Name == name);
            var values = new float[parameter.Length];
            source.Read(parameter, values);
            return Double(values);
        }

        public double[] Linear(double[] x, string name) => Linear(x, Values(name + ".weight"), Values(name + ".bias"));

        public static double[] Linear(double[] x, double[] weight, double[] bias)
        {
            var (outputs, inputs) = (bias.Length, weight.Length / bias.Length);
            var y = new double[x.Length / inputs * outputs];
            for (var i = 0; i < y.Length; i++)
            {
                y[i] = bias[i % outputs];
                for (var k = 0; k < inputs; k++) y[i] += weight[(i % outputs * inputs) + k] * x[(i / outputs * inputs) + k];
            }

            return y;
        }

        public double[] LayerNorm(double[] x, string name)
        {
            var (weight, bias) = (Values(name + ".weight"), Values(name + ".bias"));
            var y = new double[x.Length];
            for (var row = 0; row < x.Length; row += weight.Length)
            {
                var values = x.AsSpan(row, weight.Length).ToArray();
                var mean = values.Average();
                var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) + 1e-12);
                for (var i = 0; i < values.Length; i++) y[row + i] = ((values[i] - mean) / deviation * weight[i]) + bias[i];
            }

            return y;
        }
    }
}
