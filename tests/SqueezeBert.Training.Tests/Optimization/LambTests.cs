using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Tests.Optimization;

public sealed class LambTests : IDisposable
{
    private static readonly Parameter[] Parameters =
    [
        new("weight", ParameterKind.Weight, 37, 5), new("bias", ParameterKind.Bias, 37), new("zero", ParameterKind.Weight, 4, 5),
        new("words", ParameterKind.Embedding, 5000, 7),
    ];

    private readonly WorkerPool _pool = new(2);
    private readonly ParameterStore _store = new(Parameters);
    private readonly Random _random = new(3);

    public LambTests()
    {
        foreach (var parameter in Parameters) Fill(_store.ValueSpan(parameter), parameter.Name == "zero" ? 0 : 1);
    }

    public void Dispose()
    {
        _store.Dispose();
        _pool.Dispose();
    }

    /// <summary>The paper's algorithm 2 with the bias corrections, in float64: clipped gradients, rates that differ.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StepsAreThoseOfAPlainTwin(bool decayAll)
    {
        const double Rate = 0.02, Decay = 0.3, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, MaxNorm = 150;
        static double RateFactor(Parameter parameter) => parameter.Name == "words" ? 0.25 : 1;
        using var optimizer = new Lamb(_store, new AdamWOptions
        {
            Beta1 = Beta1,
            Beta2 = Beta2,
            Epsilon = Epsilon,
            WeightDecay = Decay,
            DecayBiasesAndNorms = decayAll,
        }, _pool, RateFactor);
        var twins = Parameters.Select(parameter => (Parameter: parameter, Value: ToDoubles(_store.ValueSpan(parameter)),
            M: new double[parameter.Length], V: new double[parameter.Length])).ToList();
        for (var step = 1; step <= 6; step++)
        {
            foreach (var parameter in Parameters) Fill(_store.GradientSpan(parameter), step);
            var gradients = Parameters.ToDictionary(parameter => parameter, parameter => ToDoubles(_store.GradientSpan(parameter)));
            var norm = Math.Sqrt(gradients.Values.Sum(values => values.Sum(g => g * g)));
            var scale = norm > MaxNorm ? MaxNorm / norm : 1;
            Assert.Equal(norm, optimizer.Step(Rate, MaxNorm), 1e-5 * norm);
            foreach (var (parameter, value, m, v) in twins)
            {
                var decays = decayAll || parameter.Kind != ParameterKind.Bias;
                var direction = new double[value.Length];
                for (var i = 0; i < value.Length; i++)
                {
                    var g = gradients[parameter][i] * scale;
                    m[i] = (Beta1 * m[i]) + ((1 - Beta1) * g);
                    v[i] = (Beta2 * v[i]) + ((1 - Beta2) * g * g);
                    direction[i] = (m[i] / (1 - Math.Pow(Beta1, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(Beta2, step))) + Epsilon))
                        + (decays ? Decay * value[i] : 0);
                }

                var (values, directions) = (Math.Sqrt(value.Sum(w => w * w)), Math.Sqrt(direction.Sum(u => u * u)));
                var ratio = decays && values > 0 && directions > 0 ? values / directions : 1;
                for (var i = 0; i < value.Length; i++)
                {
                    value[i] -= Rate * RateFactor(parameter) * ratio * direction[i];
                    Assert.Equal(value[i], _store.ValueSpan(parameter)[i], 2e-5);
                    Assert.Equal(m[i], optimizer.FirstMoment(parameter)[i], 1e-5 * step);
                    Assert.Equal(v[i], optimizer.SecondMoment(parameter)[i], 1e-5 * step * step);
                }
            }
        }
    }

    [Fact]
    public void AGradientThatIsNotFiniteChangesNothing()
    {
        using var optimizer = new Lamb(_store, new AdamWOptions(), _pool);
        foreach (var parameter in Parameters) Fill(_store.GradientSpan(parameter), 1);
        optimizer.Step(0.1, maxNorm: 1);
        float[] Everything() => [.. Parameters.SelectMany(parameter => (float[])[.. _store.ValueSpan(parameter),
            .. optimizer.FirstMoment(parameter), .. optimizer.SecondMoment(parameter)])];
        var before = Everything();
        foreach (var parameter in Parameters) Fill(_store.GradientSpan(parameter), 1);
        _store.GradientSpan(Parameters[3])[20_000] = float.NaN;
        Assert.False(double.IsFinite(optimizer.Step(0.1, maxNorm: 1)));
        Assert.Equal(before, Everything());
    }

    private static double[] ToDoubles(Span<float> values) => [.. values.ToArray().Select(value => (double)value)];

    private void Fill(Span<float> values, float scale)
    {
        foreach (ref var value in values) value = scale * ((2 * _random.NextSingle()) - 1);
    }
}
