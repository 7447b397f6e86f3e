using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Tests.Inference;

/// <summary>
/// Models of the published sizes, with weights by a formula, against the reference's hidden states and pooler output; their parameters and
/// floating-point operations against those counted from the papers' tables.
/// </summary>
public class SyntheticParityTests
{
    /// <param name="name">Folder of the fixtures.</param>
    /// <param name="parameters">Elements, pooler included.</param>
    /// <param name="flops">Of the encoder for 128 tokens.</param>
    /// <param name="longest">Tokens of the longest text to compare; the dense large model is slow.</param>
    [Theory]
    [InlineData("squeezebert-base", 51_094_272, 7_398_752_256, 384)]
    [InlineData("bert-base", 109_482_240, 22_347_251_712, 128)]
    [InlineData("mobilebert", 24_844_544, 5_385_486_336, 384)]
    [InlineData("tinybert-4l-312d", 14_350_248, 1_247_281_152, 384)]
    [InlineData("tinybert-6l-768d", 66_955_008, 11_173_625_856, 128)]
    public void HiddenStatesAndPoolerOutputAgreeWithTheReference(string name, long parameters, long flops, int longest)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "synthetic", name);
        var configuration = ModelConfiguration.Load(folder);
        var graph = ModelGraph.Create(configuration, ModelHead.None);
        Assert.Equal(parameters, ModelCost.ParameterCount(graph));
        Assert.Equal(flops + (2L * configuration.HiddenSize * configuration.HiddenSize), ModelCost.Flops(graph, 128));
        using var model = new Engine(configuration, graph,
            new FormulaParameters(configuration is MobileBertConfiguration ? 0.35f : 1));
        using var session = model.CreateSession(OutputNames.LastHiddenState, OutputNames.PoolerOutput);
        using var expected = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        foreach (var length in new[] { 1, 8, 128, 384 }.Where(length => length <= longest))
        {
            var batch = new PackedBatch();
            batch.Add(Integers(expected, $"input_ids.{length}"), Integers(expected, $"token_type_ids.{length}"));
            session.Run(batch);
            var hidden = session.GetOutput(OutputNames.LastHiddenState);
            var rows = Integers(expected, $"rows.{length}");
            var actual = new List<float>();
            foreach (var row in rows) actual.AddRange(hidden.Slice(row * configuration.HiddenSize, configuration.HiddenSize));
            AssertClose(Floats(expected, $"last_hidden_state.{length}"), [.. actual], length);
            AssertClose(Floats(expected, $"pooler_output.{length}"), session.GetOutput(OutputNames.PoolerOutput).ToArray(), length);
        }
    }

    [Fact]
    public void SizesWithoutAReferenceHaveTheCountedParameters()
    {
        Assert.Equal(66_362_880, ModelCost.ParameterCount(ModelGraph.Create(new DistilBertConfiguration(), ModelHead.None)));
        Assert.Equal(11_173_625_856, ModelCost.Flops(ModelGraph.Create(new DistilBertConfiguration(), ModelHead.None), 128));
        var separable = ModelGraph.Create(new SeparableConfiguration(), ModelHead.None);
        Assert.Equal(9_841_920, ModelCost.ParameterCount(separable));
        Assert.Equal(1_652_293_632 + (2 * 384 * 384), ModelCost.Flops(separable, 128));
        var squeeze = new SqueezeBertConfiguration { VocabularySize = 30528, Labels = ["a", "b", "c"] };
        Assert.Equal(51_096_579, ModelCost.ParameterCount(ModelGraph.Create(squeeze, ModelHead.SequenceClassification)));

        // The published counts of these two include the pooler, which the reference's classes carry without use.
        const int Pooler = (768 * 768) + 768;
        Assert.Equal(51_095_810, ModelCost.ParameterCount(ModelGraph.Create(squeeze, ModelHead.QuestionAnswering)) + Pooler);
        Assert.Equal(51_716_928, ModelCost.ParameterCount(ModelGraph.Create(squeeze, ModelHead.MaskedLanguageModel)) + Pooler);
    }

    private static void AssertClose(float[] expected, float[] actual, int length)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = Math.Max(1, expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-4 * largest,
                $"length {length}, element {i}: {actual[i]} instead of {expected[i]}");
    }

    private static float[] Floats(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGetTensor(name, out var info));
        var values = new float[info.Shape.Aggregate(1L, (product, size) => product * size)];
        file.ReadFloats(name, values);
        return values;
    }

    private static int[] Integers(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGetTensor(name, out var info));
        var values = new long[info.Shape.Aggregate(1L, (product, size) => product * size)];
        file.ReadInt64s(name, values);
        return [.. values.Select(value => checked((int)value))];
    }
}
