using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Adapters;

/// <summary>Two narrow matrices that are added to the weight of a linear layer.</summary>
/// <param name="Weight">[outputs, inputs / groups]; it is not trained.</param>
/// <param name="Down">The matrices A of all groups, one below the other: [groups · rank, inputs / groups].</param>
/// <param name="Up">The matrix B: [outputs, rank].</param>
/// <param name="Groups">The number of groups of the layer.</param>
/// <param name="Scale">The factor of the product: α/r.</param>
internal sealed record Adapter(Parameter Weight, Parameter Down, Parameter Up, int Groups, float Scale)
{
    /// <summary>Sets the initial values: A is random and B is zero, so that the model initially equals the one it starts from.</summary>
    public void Initialize(ParameterStore parameters, ulong seed)
    {
        new InitialParameters(seed, 1 / Math.Sqrt(3.0 * Down.Columns)).Read(Down, parameters.ValueSpan(Down));
        parameters.ValueSpan(Up).Clear();
    }

    /// <summary>Adds α/r B A to the values of the weight.</summary>
    public void AddTo(Span<float> weight, ParameterStore parameters)
    {
        Span<float> down = parameters.ValueSpan(Down), up = parameters.ValueSpan(Up);
        var (inputs, rank, outputs) = (Down.Columns, Up.Columns, Up.Rows / Groups);
        for (var output = 0; output < Up.Rows; output++)
        {
            var first = output / outputs * rank;
            var row = weight.Slice(output * inputs, inputs);
            for (var input = 0; input < inputs; input++)
            {
                double sum = 0;
                for (var r = 0; r < rank; r++) sum += (double)up[(output * rank) + r] * down[((first + r) * inputs) + input];
                row[input] += (float)(Scale * sum);
            }
        }
    }
}
