using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// Columns of a weight [outputs, inputs] in the memory of the store: a parameter, as it is or transposed. A weight that is composed of
/// several parameters consists of several blocks side by side, so that nothing is copied and each parameter gets its gradient in place.
/// </summary>
internal readonly unsafe struct WeightBlock
{
    private WeightBlock(Parameter parameter, bool isTransposed, int firstColumn, ParameterStore parameters)
    {
        Values = parameters.Values(parameter);
        Gradients = parameters.Gradients(parameter);
        IsTransposed = isTransposed;
        Stride = parameter.Columns;
        FirstColumn = firstColumn;
        Columns = isTransposed ? parameter.Rows : parameter.Columns;
    }

    public float* Values { get; }

    /// <summary>Null for a frozen parameter.</summary>
    public float* Gradients { get; }

    public bool IsTransposed { get; }

    /// <summary>The number of elements from one row of the stored parameter to the next.</summary>
    public int Stride { get; }

    /// <summary>The first input of the block.</summary>
    public int FirstColumn { get; }

    /// <summary>The number of inputs of the block.</summary>
    public int Columns { get; }

    /// <summary>The number of elements from one output to the next.</summary>
    public int RowStride => IsTransposed ? 1 : Stride;

    /// <summary>The number of elements from one input to the next.</summary>
    public int ColumnStride => IsTransposed ? Stride : 1;

    /// <exception cref="NotSupportedException">An expression of a kind that has no gradient.</exception>
    public static WeightBlock[] Of(ParameterExpression weight, ParameterStore parameters)
    {
        switch (weight)
        {
            case Parameter parameter:
                return [new WeightBlock(parameter, false, 0, parameters)];
            case ConcatenatedColumns columns:
                var blocks = new WeightBlock[columns.Parts.Count];
                var first = 0;
                for (var i = 0; i < blocks.Length; i++)
                {
                    blocks[i] = new WeightBlock(columns.Parts[i].Parameter, columns.Parts[i].Transposed, first, parameters);
                    first += blocks[i].Columns;
                }

                return blocks;
            default:
                throw new NotSupportedException($"a weight that is a {weight.GetType().Name} has no gradient");
        }
    }
}
