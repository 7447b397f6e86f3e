using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Tests.Optimization;

public sealed class AdamWTests : IDisposable
{
    private static readonly Parameter[] Parameters =
    [
        new("weight", ParameterKind.Weight, 37, 5), new("bias", ParameterKind.Bias, 37), new("norm.weight", ParameterKind.NormWeight, 19),
        new("norm.bias", ParameterKind.NormBias, 19),
        new("words", ParameterKind.Embedding, 5000, 7),
    ];

    private readonly WorkerPool _pool = new(2);
    private readonly ParameterStore _store = new(Parameters);
    private readonly Random _random = new(3);

    public AdamWTests()
    {
        foreach (var parameter in Parameters) Fill(_store.ValueSpan(parameter), 1);
    }

    public void Dispose()
    {
        _store.Dispose();
        _pool.Dispose();
    }

    /// <summary>The paper's algorithm 2 with the bias corrections, in float64; the gradients of some steps are clipped.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StepsAreThoseOfAPlainTwin(bool decayAll)
    {
        const double Rate = 0.02, Decay = 0.3, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, MaxNorm = 150;
        using var optimizer =
            new AdamW(_store, new AdamWOptions
            {
                Beta1 = Beta1,
                Beta2 = Beta2,
                Epsilon = Epsilon,
                WeightDecay = Decay,
                DecayBiasesAndNorms = decayAll
            }, _pool);
        var twins =
            Parameters.Select(parameter => (Parameter: parameter, Value: ToDoubles(_store.ValueSpan(parameter)),
                M: new double[parameter.Length], V: new double[parameter.Length])).ToList();
        var clipped = 0;
        for (var step = 1; step <= 6; step++)
        {
            foreach (var parameter in Parameters) Fill(_store.GradientSpan(parameter), step);
            var norm = Math.Sqrt(Parameters.Sum(parameter => ToDoubles(_store.GradientSpan(parameter)).Sum(g => g * g)));
            var scale = norm > MaxNorm ? MaxNorm / norm : 1;
            if (scale < 1) clipped++;
            Assert.Equal(norm, optimizer.Step(Rate, MaxNorm), 1e-5 * norm);
            foreach (var (parameter, value, m, v) in twins)
            {
                var decay = decayAll || parameter.Kind is ParameterKind.Weight or ParameterKind.Embedding ? Decay : 0;
                var gradient = ToDoubles(_store.GradientSpan(parameter));
                for (var i = 0; i < value.Length; i++)
                {
                    var g = gradient[i] * scale;
                    m[i] = (Beta1 * m[i]) + ((1 - Beta1) * g);
                    v[i] = (Beta2 * v[i]) + ((1 - Beta2) * g * g);
                    value[i] -= Rate * ((m[i] / (1 - Math.Pow(Beta1, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(Beta2, step))) + Epsilon))
                        + (decay * value[i]));
                    Assert.Equal(value[i], _store.ValueSpan(parameter)[i], 1e-5);
                    Assert.Equal(m[i], optimizer.FirstMoment(parameter)[i], 1e-5 * step);
                    Assert.Equal(v[i], optimizer.SecondMoment(parameter)[i], 1e-5 * step * step);
                }
            }
        }

        Assert.InRange(clipped, 1, 5);
        Assert.Equal(6, optimizer.StepCount);
    }

    [Fact]
    public void ByDefaultBiasesAndNormsDoNotDecay()
    {
        using var optimizer = new AdamW(_store, new AdamWOptions { WeightDecay = 0.5 }, _pool);
        var before = Parameters.Select(parameter => _store.ValueSpan(parameter).ToArray()).ToList();
        optimizer.Step(0.1, maxNorm: 1);
        foreach (var (parameter, values) in Parameters.Zip(before))
        {
            var keep = parameter.Kind is ParameterKind.Weight or ParameterKind.Embedding ? 0.95f : 1f;
            Assert.Equal(values.Select(value => value * keep), _store.ValueSpan(parameter).ToArray());
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void AGradientThatIsNotFiniteChangesNothing(float poison)
    {
        using var optimizer = new AdamW(_store, new AdamWOptions(), _pool);
        foreach (var parameter in Parameters) Fill(_store.GradientSpan(parameter), 1);
        optimizer.Step(0.1, maxNorm: 1);
        var before =
            Parameters.SelectMany(parameter => (float[])[.. _store.ValueSpan(parameter), .. optimizer.FirstMoment(parameter),
                .. optimizer.SecondMoment(parameter)]).ToArray();
        _store.GradientSpan(Parameters[4])[20_000] = poison;
        Assert.False(double.IsFinite(optimizer.Step(0.1, maxNorm: 1)));
        Assert.Equal(1, optimizer.StepCount);
        Assert.Equal(before,
            Parameters.SelectMany(parameter => (float[])[.. _store.ValueSpan(parameter), .. optimizer.FirstMoment(parameter),
                .. optimizer.SecondMoment(parameter)]));
    }

    private static double[] ToDoubles(Span<float> values) => [.. values.ToArray().Select(value => (double)value)];

    private void Fill(Span<float> values, float scale)
    {
        foreach (ref var value in values) value = scale * ((2 * _random.NextSingle()) - 1);
    }
}
