using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests;

/// <summary>
/// Gradients by the embeddings without any by parameters, on rows that are put in their place: integrated gradients (Sundararajan, Taly and
/// Yan, arXiv 1703.01365) against the reference's, 64 points of Gauss and Legendre.
/// </summary>
public sealed unsafe class IntegratedGradientsTests
{
    private const int Points = 64;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AttributionsAgreeWithTheReference(int text)
    {
        var golden = new TensorFile(TensorFile.Fixture("explain/integrated-gradients.safetensors"));
        const string Model = "models/squeezebert-sequence-classification";
        var configuration = ModelConfiguration.Load(TensorFile.Fixture(Model));
        var graph = ModelGraph.Create(configuration, ModelGraph.HeadOf(configuration));
        using var parameters = new ParameterStore(graph.Parameters, isFrozen: _ => true);
        var weights = new TensorFile(TensorFile.Fixture(Model + "/model.safetensors"));
        foreach (var parameter in graph.Parameters) weights.Floats(parameter.Name).CopyTo(parameters.ValueSpan(parameter));
        using var pool = new WorkerPool(2);
        using var session =
            new GradientSession(graph, [new OutputRequest(OutputNames.Logits)], parameters, pool, hasEmbeddingGradients: true);
        session.PackWeights();
        var batch = Batch("input_ids");
        var (input, inputLogits) = Embeddings(batch);
        var (baseline, _) = Embeddings(Batch("baseline_ids"));
        Assert.All(inputLogits.Zip(golden.Floats($"{text}.logits")), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
        var embeddings = Assert.Single(session.Embeddings);
        var between = new float[input.Length];
        var width = embeddings.Gradient.Width;
        fixed (float* rows = between)
        {
            embeddings.Replace(rows);
            for (var label = 0; label < inputLogits.Length; label++)
            {
                var expected = golden.Floats($"{text}.attribution.{label}");
                var sums = new double[expected.Length];
                foreach (var (place, weight) in Legendre(Points))
                {
                    for (var i = 0; i < between.Length; i++) between[i] = (float)(baseline[i] + (place * ((double)input[i] - baseline[i])));
                    session.Forward(batch, null);
                    session.Output(OutputNames.Logits).AddGradient([.. inputLogits.Select((_, i) => i == label ? 1f : 0)]);
                    session.Backward();
                    var gradient = embeddings.Gradient.Span;
                    for (var i = 0; i < between.Length; i++) sums[i / width] += weight * gradient[i] * ((double)input[i] - baseline[i]);
                }

                var largest = expected.Max(MathF.Abs);
                for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], sums[i], 1e-5 * largest);
            }

            embeddings.Replace(null);
        }

        PackedBatch Batch(string name)
        {
            var result = new PackedBatch();
            result.Add([.. golden.Integers($"{text}.{name}").Select(id => (int)id)],
                [.. golden.Integers($"{text}.token_type_ids").Select(id => (int)id)]);
            return result;
        }

        (float[] Rows, float[] Logits) Embeddings(PackedBatch tokens)
        {
            session.Forward(tokens, null);
            return (session.Embeddings[0].Rows.Span.ToArray(), session.Output(OutputNames.Logits).Rows.Span.ToArray());
        }
    }

    /// <summary>Places and weights on [0, 1]: the roots of the Legendre polynomial by Newton's method.</summary>
    private static IEnumerable<(double Place, double Weight)> Legendre(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            double slope = 0;
            for (var round = 0; round < 20; round++)
            {
                double before = 1, value = x;
                for (var n = 2; n <= count; n++) (before, value) = (value, ((((2 * n) - 1) * x * value) - ((n - 1) * before)) / n);
                slope = count * ((x * value) - before) / ((x * x) - 1);
                x -= value / slope;
            }

            yield return ((x + 1) / 2, 1 / ((1 - (x * x)) * slope * slope));
        }
    }
}
