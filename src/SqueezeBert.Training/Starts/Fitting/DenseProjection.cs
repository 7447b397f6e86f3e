using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>A dense projection of a teacher: y = x Wᵀ + b.</summary>
/// <param name="inputs">Columns of the weight.</param>
/// <param name="weight">[outputs, inputs].</param>
/// <param name="bias">[outputs].</param>
internal sealed class DenseProjection(int inputs, float[] weight, float[] bias)
{
    public int Inputs => inputs;

    public int Outputs => bias.Length;

    /// <summary>Reads NAME.weight and NAME.bias.</summary>
    public static DenseProjection Read(TeacherModel teacher, string name, int inputs, int outputs) => new(
        inputs, teacher.Read(name + ".weight", new Parameter(name, ParameterKind.Weight, outputs, inputs)),
        teacher.Read(name + ".bias", new Parameter(name, ParameterKind.Bias, outputs)));

    /// <summary>Weights between some inputs and some outputs, [inputs, outputs].</summary>
    public double[] Block(ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        var block = new double[from.Length * to.Length];
        for (var i = 0; i < from.Length; i++)
        {
            for (var o = 0; o < to.Length; o++) block[(i * to.Length) + o] = weight[(to[o] * inputs) + from[i]];
        }

        return block;
    }

    /// <summary>An output whose inputs have these values.</summary>
    public double Output(int output, Func<int, double> input)
    {
        double value = bias[output];
        for (var i = 0; i < inputs; i++) value += weight[(output * inputs) + i] * input(i);
        return value;
    }

    /// <summary>Sums of products with some outputs, of those with the inputs.</summary>
    /// <param name="cross">[rows, inputs].</param>
    /// <param name="outputs">Which outputs.</param>
    /// <returns>[rows, outputs].</returns>
    public double[] Through(double[] cross, int[] outputs)
    {
        var rows = cross.Length / inputs;
        var result = new double[rows * outputs.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var o = 0; o < outputs.Length; o++) result[(row * outputs.Length) + o] = Dot(cross, row * inputs, outputs[o] * inputs);
        }

        return result;
    }

    /// <summary>Sum of squares of an output, of the products of the inputs with each other.</summary>
    public double SquaresOf(int output, Func<int, int, double> products)
    {
        var sum = 0.0;
        for (var i = 0; i < inputs; i++)
        {
            var inner = 0.0;
            for (var j = 0; j < inputs; j++) inner += products(i, j) * weight[(output * inputs) + j];
            sum += inner * weight[(output * inputs) + i];
        }

        return sum;
    }

    private double Dot(double[] cross, int start, int row)
    {
        var sum = 0.0;
        for (var i = 0; i < inputs; i++) sum += cross[start + i] * weight[row + i];
        return sum;
    }
}
