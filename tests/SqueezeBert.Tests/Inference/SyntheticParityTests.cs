using SqueezeBert.Checkpoints;
using SqueezeBert.Inference;
using SqueezeBert.Models;

namespace SqueezeBert.Tests.Inference;

/// <summary>SqueezeBERT-base in full size, with weights by a formula, against the reference's hidden states and pooler output.</summary>
public class SyntheticParityTests
{
    [Fact]
    public void SqueezeBert_base_agrees_with_the_reference_at_every_length()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "synthetic", "squeezebert-base");
        var configuration = ModelConfiguration.Load(folder);
        var graph = ModelGraph.Create(configuration, ModelHead.None);
        Assert.Equal(51_094_272, ModelCost.ParameterCount(graph));
        Assert.Equal(7_398_752_256 + 1_179_648, ModelCost.Flops(graph, 128));
        using var model = new InferenceModel(configuration, graph, new FormulaParameters());
        using var session = model.CreateSession(OutputNames.LastHiddenState, OutputNames.PoolerOutput);
        using var expected = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        foreach (var length in new[] { 1, 8, 128, 384 })
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

    private static void AssertClose(float[] expected, float[] actual, int length)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = Math.Max(1, expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-4 * largest, $"length {length}, element {i}: {actual[i]} instead of {expected[i]}");
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
