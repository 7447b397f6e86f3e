using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Onnx.Layers;

/// <summary>
/// A function of one number, represented by its values at a few points. Exporters write the same activation in many ways (with or without
/// the error function, with products in any order, with float16 constants). The values identify it in every case.
/// </summary>
internal sealed class ElementFunction
{
    // The points at and above zero come first: some functions exist only there.
    private static readonly double[] Points = [0, 1, 0.25, 0.5, 1.5, 2, 2.5, 3, 4, 6, -0.25, -0.5, -1, -1.5, -2, -2.5, -3, -4, -6];
    private const int NotNegative = 10;

    /// <summary>
    /// Half of the largest difference between the exact GELU and its tanh approximation. It is more than the error of float16 constants.
    /// </summary>
    private const double Tolerance = 2e-4;

    private static readonly (Activation Activation, double[] Values)[] Activations =
    [
        (Activation.Gelu, Values(x => x * (1 + Erf(x / Math.Sqrt(2))) / 2)),
        (Activation.GeluTanh, Values(x => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))) / 2)),
        (Activation.QuickGelu, Values(x => x / (1 + Math.Exp(-1.702 * x)))),
        (Activation.Relu, Values(x => Math.Max(x, 0))),
        (Activation.Silu, Values(x => x / (1 + Math.Exp(-x)))),
        (Activation.Tanh, Values(Math.Tanh)),
        (Activation.Sigmoid, Values(x => 1 / (1 + Math.Exp(-x)))),
    ];

    private readonly double[] _values;

    private ElementFunction(double[] values) => _values = values;

    /// <summary>The identity function.</summary>
    public static ElementFunction Identity { get; } = new(Points);

    public ElementFunction Map(Func<double, double> function) => new(Array.ConvertAll(_values, value => function(value)));

    public static ElementFunction Combine(ElementFunction a, ElementFunction b, Func<double, double, double> function)
    {
        var values = new double[Points.Length];
        for (var i = 0; i < values.Length; i++) values[i] = function(a._values[i], b._values[i]);
        return new(values);
    }

    /// <summary>The factor if the function multiplies by a constant, otherwise null.</summary>
    public double? Factor
    {
        get
        {
            // At zero the smallest offset shows, such as a norm's epsilon.
            var factor = _values[1];
            if (!double.IsFinite(factor) || factor == 0 || _values[0] != 0) return null;
            for (var i = 0; i < Points.Length; i++)
                if (!(Math.Abs(_values[i] - (factor * Points[i])) <= 1e-6 * Math.Abs(factor))) return null;
            return factor;
        }
    }

    public bool IsSquare
    {
        get
        {
            for (var i = 0; i < Points.Length; i++)
                if (!(Math.Abs(_values[i] - (Points[i] * Points[i])) <= 1e-9)) return false;
            return true;
        }
    }

    /// <summary>The activation with these values, or null if there is none.</summary>
    public Activation? Kind
    {
        get
        {
            var best = Tolerance;
            Activation? result = null;
            foreach (var (activation, values) in Activations)
            {
                double distance = 0;
                for (var i = 0; i < values.Length; i++)
                {
                    var difference = Math.Abs(values[i] - _values[i]);
                    distance = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(distance, difference);
                }

                if (distance < best) (best, result) = (distance, activation);
            }

            return result;
        }
    }

    /// <summary>Returns the epsilon of √(x + epsilon), or of its reciprocal. Null for another function.</summary>
    public double? EpsilonOfRoot(bool isReciprocal)
    {
        var epsilon = Power(_values[0]);
        if (!(epsilon is >= 0 and <= 1)) return null;
        for (var i = 1; i < NotNegative; i++)
            if (!(Math.Abs(Power(_values[i]) - (Points[i] + epsilon)) <= 1e-6 * (1 + Points[i]))) return null;
        return epsilon;

        double Power(double value) => isReciprocal ? 1 / (value * value) : value * value;
    }

    /// <summary>The error function with an error of 1.2e-7 (Press et al., Numerical Recipes, "erfc" by Chebyshev fitting).</summary>
    public static double Erf(double x)
    {
        var t = 1 / (1 + (0.5 * Math.Abs(x)));
        double[] c = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
            0.17087277];
        double sum = 0;
        for (var i = c.Length - 1; i >= 0; i--) sum = c[i] + (t * sum);
        var complement = t * Math.Exp((-x * x) + sum);
        return x >= 0 ? 1 - complement : complement - 1;
    }

    private static double[] Values(Func<double, double> function) => Array.ConvertAll(Points, point => function(point));
}
