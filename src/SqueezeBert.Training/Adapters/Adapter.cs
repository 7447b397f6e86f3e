using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Adapters;

/// <summary>Two narrow matrices beside the weight of a linear layer.</summary>
/// <param name="Weight">[outputs, inputs / groups]; not trained.</param>
/// <param name="Down">A of each group below each other, [groups · rank, inputs / groups].</param>
/// <param name="Up">B, [outputs, rank].</param>
/// <param name="Groups">Of the layer.</param>
/// <param name="Scale">On the product: α/r.</param>
internal sealed record Adapter(Parameter Weight, Parameter Down, Parameter Up, int Groups, float Scale)
{
    /// <summary>The first values: A is random, B zero, so that the model is the one that it starts from.</summary>
    public void Initialize(ParameterStore parameters, ulong seed)
    {
        new InitialParameters(seed, 1 / Math.Sqrt(3.0 * Down.Columns)).Read(Down, parameters.ValueSpan(Down));
        parameters.ValueSpan(Up).Clear();
    }

    /// <summary>Adds α/r B A to the weight's values.</summary>
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
