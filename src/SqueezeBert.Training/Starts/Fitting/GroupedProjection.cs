using SqueezeBert.Training.Starts.LeastSquares;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>A grouped projection of a student while it is fitted, output by output.</summary>
/// <param name="inputs">Channels of a group.</param>
/// <param name="outputs">Outputs of all groups.</param>
internal sealed class GroupedProjection(int inputs, int outputs)
{
    private readonly float[] _weight = new float[outputs * inputs];
    private readonly float[] _bias = new float[outputs];

    /// <summary>Sets an output.</summary>
    /// <param name="output">Which of all.</param>
    /// <param name="fit">Of the output's group: has the means of the inputs.</param>
    /// <param name="coefficients">[inputs, functions].</param>
    /// <param name="function">Which of the functions it is.</param>
    /// <param name="mean">Mean of the target.</param>
    public void Set(int output, GroupFit fit, double[] coefficients, int function, double mean)
    {
        var functions = coefficients.Length / inputs;
        for (var i = 0; i < inputs; i++)
        {
            var coefficient = coefficients[(i * functions) + function];
            _weight[(output * inputs) + i] = (float)coefficient;
            mean -= coefficient * fit.InputMean(i);
        }

        _bias[output] = (float)mean;
    }

    /// <summary>Stores the values as NAME.weight and NAME.bias.</summary>
    public void Store(string name, FittedParameters parameters) =>
        (parameters[name + ".weight"], parameters[name + ".bias"]) = (_weight, _bias);
}
