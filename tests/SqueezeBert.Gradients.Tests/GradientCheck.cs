using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests;

/// <summary>
/// Compares the engine's gradients of Σ c·y, for random c, with central differences of the float64 model. The differences are exact to
/// about 1e-9; what is left is the engine's float32 rounding.
/// </summary>
internal static class GradientCheck
{
    private const double Step = 1e-5;

    /// <summary>Of the tensor's largest gradient, the reference tests' tolerance too.</summary>
    private const double Relative = 1e-5;

    /// <summary>Where a gradient is zero in exact arithmetic, the rounding of terms of about one that cancel.</summary>
    private const double Absolute = 2e-6;

    /// <param name="graph">The model; its output is called "y" unless <paramref name="outputs"/> says otherwise.</param>
    /// <param name="batch">Texts.</param>
    /// <param name="dropout">Key of the random numbers, or null.</param>
    /// <param name="seed">Of the parameters' values and of c.</param>
    /// <param name="samples">Elements of each parameter that are compared; all where it has fewer.</param>
    /// <param name="scale">Deviation of weights and tables.</param>
    /// <param name="threads">The engine's.</param>
    /// <param name="outputs">The outputs that y is; all add up.</param>
    /// <param name="isFrozen">Parameters without a gradient, or null.</param>
    public static unsafe void Run(
        Graph graph, PackedBatch batch, DropoutKey? dropout = null, int seed = 1, int samples = 40, double scale = 0.5, int threads = 1,
        IReadOnlyList<string>? outputs = null, Func<Parameter, bool>? isFrozen = null)
    {
        outputs ??= ["y"];
        var random = new Random(seed);
        var reference = new Float64Model(graph, outputs, batch, dropout);
        using var store = new ParameterStore(graph.Parameters, isFrozen);
        foreach (var parameter in graph.Parameters)
        {
            var values = store.ValueSpan(parameter);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] =
                    (float)(((parameter.Kind == ParameterKind.NormWeight ? 1 : 0) + (scale * Normal(random)))
                        * (parameter.Kind == ParameterKind.Weight ? 1.5 / Math.Sqrt(parameter.Columns) : 1));
                reference.Parameters[parameter][i] = values[i];
            }
        }

        using var pool = new WorkerPool(threads);
        using var session = new GradientSession(graph, [.. outputs.Select(output => new OutputRequest(output))], store, pool);
        session.PackWeights();
        session.ClearGradients();
        session.Forward(batch, dropout);
        var factors = outputs.Zip(reference.Run(), Seed).ToList();
        session.Backward();
        foreach (var parameter in store.Trainable) Compare(parameter);

        // Compares an output, and makes the gradient by it that of a sum with random factors.
        double[] Seed(string name, double[][] expected)
        {
            var output = session.Output(name);
            Assert.Equal((expected.Length, expected.Length == 0 ? output.Width : expected[0].Length), (output.Rows.Count, output.Width));
            var largest = Math.Max(1, expected.SelectMany(row => row).Select(Math.Abs).DefaultIfEmpty().Max());
            var gradient = new float[expected.Length * output.Width];
            for (var i = 0; i < gradient.Length; i++)
            {
                Assert.Equal(expected[i / output.Width][i % output.Width], output.Rows.Data[i], 1e-5 * largest);
                gradient[i] = (float)Normal(random);
            }

            output.AddGradient(gradient);
            return [.. gradient.Select(factor => (double)factor)];
        }

        void Compare(Parameter parameter)
        {
            var gradient = store.GradientSpan(parameter).ToArray();
            var values = reference.Parameters[parameter];
            var tolerance = Math.Max(Relative * gradient.Max(MathF.Abs), Absolute);
            foreach (var i in Chosen(parameter, samples, random))
            {
                var value = values[i];
                values[i] = value + Step;
                var above = Loss();
                values[i] = value - Step;
                var difference = (above - Loss()) / (2 * Step);
                values[i] = value;
                Assert.True(
                    Math.Abs(difference - gradient[i]) <= tolerance,
                    $"{parameter.Name}[{i}]: {gradient[i]:R}, by differences {difference:R}, tolerance {tolerance:G3}, seed {seed}");
            }

            // What a look-up of a padding row gives is not trained.
            if (parameter.PaddingRow >= 0
                && !graph.Nodes.OfType<LinearNode>().Any(node => node.Expressions.Any(expression => expression.Leaves.Contains(parameter))))
                Assert.All(gradient.Skip(parameter.PaddingRow * parameter.Columns).Take(parameter.Columns),
                    element => Assert.Equal(0, element));
        }

        double Loss() => reference.Run().SelectMany(rows => rows).SelectMany(row => row)
            .Zip(factors.SelectMany(factor => factor), (y, factor) => y * factor).Sum();
    }

    private static IEnumerable<int> Chosen(Parameter parameter, int samples, Random random)
    {
        var length = (int)parameter.Length;
        var all = length <= samples ? Enumerable.Range(0, length)
            : Enumerable.Range(0, samples).Select(_ => random.Next(length)).Distinct();
        return all.Where(i => i / parameter.Columns != parameter.PaddingRow);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
