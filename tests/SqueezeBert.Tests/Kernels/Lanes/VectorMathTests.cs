using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Tests.Kernels.Lanes;

/// <summary>The functions against float64. That all instruction sets have the bits of the scalar ones is tested elsewhere.</summary>
public sealed class VectorMathTests
{
    [Theory]
    [InlineData(-103.5f, 88.72f)]
    [InlineData(-1f, 1f)]
    [InlineData(-1e-6f, 1e-6f)]
    public void ExpIsWithinOneUlp(float from, float to) => AssertUlps(from, to, 1.0, ScalarMath.Exp, Math.Exp);

    [Theory]
    [InlineData(-100f, 1f)]
    [InlineData(-1f, 0f)]
    [InlineData(-1e-6f, 1e-6f)]
    public void WeightsOfAttentionAreWithinOneAndAFifthUlp(float from, float to) =>
        AssertUlps(from, to, 1.2, ScalarMath.AttentionWeight, x => Math.Pow(2, x));

    [Theory]
    [InlineData(1e-44f, 1e-37f)]
    [InlineData(1e-3f, 3f)]
    [InlineData(0.9f, 1.1f)]
    [InlineData(1f, 1e6f)]
    public void LogIsWithinOneUlp(float from, float to) => AssertUlps(from, to, 1.0, ScalarMath.Log, Math.Log);

    [Theory]
    [InlineData(-1f, 1f)]
    [InlineData(-15f, 15f)]
    [InlineData(-1e-3f, 1e-3f)]
    public void TanhIsWithinThreeUlps(float from, float to) => AssertUlps(from, to, 3.0, ScalarMath.Tanh, Math.Tanh);

    [Theory]
    [InlineData(-100f, 100f)]
    [InlineData(-3f, 3f)]
    public void SigmoidIsWithinThreeUlps(float from, float to) =>
        AssertUlps(from, to, 3.0, ScalarMath.Sigmoid, x => 1 / (1 + Math.Exp(-x)));

    [Fact]
    public void GeluIsExactToAFewRoundings()
    {
        AssertAbsolute(-10f, 10f, 3e-7, ScalarMath.Gelu, x => x * Phi(x));
        AssertAbsolute(-10f, 10f, 3e-7, ScalarMath.GeluDerivative, x => Phi(x) + (x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)));
        AssertUlps(1e-3f, 1e4f, 9.0, ScalarMath.Gelu, x => x * Phi(x));
    }

    [Theory]
    [InlineData(Activation.GeluTanh)]
    [InlineData(Activation.QuickGelu)]
    [InlineData(Activation.Silu)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.Tanh)]
    public unsafe void ActivationsAndDerivativesAreRight(Activation activation)
    {
        Func<double, double> reference = activation switch
        {
            Activation.GeluTanh => x => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
            Activation.QuickGelu => x => x / (1 + Math.Exp(-1.702 * x)),
            Activation.Silu => x => x / (1 + Math.Exp(-x)),
            Activation.Sigmoid => x => 1 / (1 + Math.Exp(-x)),
            _ => Math.Tanh,
        };
        AssertAbsolute(-10f, 10f, 1.5e-6, x => ScalarActivations.Apply(activation, x), reference);
        float Derivative(float x)
        {
            float one = 1f, result;
            ScalarActivations.Backward(activation, &x, &one, &result, 1);
            return result;
        }

        AssertAbsolute(-10f, 10f, 2e-6, Derivative, x => (reference(x + 1e-5) - reference(x - 1e-5)) / 2e-5);
    }

    [Fact]
    public void LimitsAndSpecialValuesAreDefined()
    {
        Assert.Equal(0f, ScalarMath.Exp(float.NegativeInfinity));
        Assert.Equal(float.PositiveInfinity, ScalarMath.Exp(float.PositiveInfinity));
        Assert.Equal(float.PositiveInfinity, ScalarMath.Exp(88.73f));
        Assert.Equal(1f, ScalarMath.Exp(0f));
        Assert.Equal(float.NegativeInfinity, ScalarMath.Log(0f));
        Assert.True(float.IsNaN(ScalarMath.Log(-1f)));
        Assert.Equal(0f, ScalarMath.Log(1f));
        Assert.Equal(1f, ScalarMath.Tanh(float.PositiveInfinity));
        Assert.Equal(-1f, ScalarMath.Tanh(float.NegativeInfinity));
        Assert.Equal(0f, ScalarMath.Sigmoid(float.NegativeInfinity));
        Assert.Equal(1f, ScalarMath.Sigmoid(float.PositiveInfinity));
        Assert.True(float.IsNegative(ScalarMath.Gelu(-0f)));
        Assert.Equal(float.PositiveInfinity, ScalarMath.Gelu(float.PositiveInfinity));
        Assert.All(
            new Func<float, float>[] { ScalarMath.Exp, ScalarMath.AttentionWeight, ScalarMath.Log, ScalarMath.Tanh, ScalarMath.Sigmoid,
                ScalarMath.Gelu, ScalarMath.GeluDerivative, ScalarMath.Relu },
            function => Assert.True(float.IsNaN(function(float.NaN))));
    }

    private static void AssertUlps(float from, float to, double limit, Func<float, float> function, Func<double, double> reference)
    {
        foreach (var x in Grid(from, to))
        {
            var expected = reference(x);
            var rounded = Math.Abs((float)expected);
            double ulp = float.BitIncrement(rounded) - rounded;
            Assert.True(Math.Abs(function(x) - expected) <= limit * ulp, $"f({x:G9}) = {function(x):G9}, not {expected:G12}");
        }
    }

    private static void AssertAbsolute(float from, float to, double limit, Func<float, float> function, Func<double, double> reference)
    {
        foreach (var x in Grid(from, to))
            Assert.True(Math.Abs(function(x) - reference(x)) <= limit, $"f({x:G9}) = {function(x):G9}, not {reference(x):G12}");
    }

    private static IEnumerable<float> Grid(float from, float to)
    {
        const int Points = 200_000;
        for (var i = 0; i <= Points; i++)
            yield return (float)(from + ((double)(to - from) * i / Points));
    }

    /// <summary>
    /// The normal distribution by the series or, in the tails, the continued fraction of erfc (Abramowitz and Stegun, 7.1.6 and 7.1.14).
    /// </summary>
    private static double Phi(double x)
    {
        double z = Math.Abs(x) / Math.Sqrt(2), tail;
        if (z < 3)
        {
            double term = z, sum = z;
            for (var n = 1; Math.Abs(term) > 1e-18; n++)
            {
                term *= 2 * z * z / ((2 * n) + 1);
                sum += term;
            }

            tail = (1 - (2 / Math.Sqrt(Math.PI) * Math.Exp(-z * z) * sum)) / 2;
        }
        else
        {
            double fraction = 0;
            for (var k = 100; k > 0; k--)
                fraction = k / 2.0 / (z + fraction);
            tail = Math.Exp(-z * z) / Math.Sqrt(Math.PI) / (z + fraction) / 2;
        }

        return x < 0 ? tail : 1 - tail;
    }
}
