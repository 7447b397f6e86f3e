using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>
/// A linear layer y = x Wᵀ + b with independent groups. Output o belongs to group o / (out / groups) and reads the in / groups inputs of
/// that group. The weight has the shape [out, in / groups].
/// </summary>
internal sealed class LinearNode : RowWiseNode
{
    public LinearNode(Node input, ParameterExpression weight, ParameterExpression? bias, int groups)
        : base(weight.Rows, input.Rows, input)
    {
        if (groups < 1 || input.Width % groups != 0 || weight.Rows % groups != 0 || weight.Columns != input.Width / groups)
            throw new InvalidOperationException(
                $"a linear layer of {input.Width} to {weight.Rows} channels cannot have {groups} groups of {weight.Columns} inputs");
        if (bias is not null && bias.Rows != weight.Rows)
            throw new InvalidOperationException($"a linear layer of {weight.Rows} outputs cannot have {bias.Rows} biases");
        Weight = weight;
        Bias = bias;
        Groups = groups;
    }

    public ParameterExpression Weight { get; }

    public ParameterExpression? Bias { get; }

    public int Groups { get; }

    public override IReadOnlyList<ParameterExpression> Expressions => Bias is null ? [Weight] : [Weight, Bias];

    /// <summary>A decoder that shares the weight of the word embeddings is named by its bias.</summary>
    public override string? CostName =>
        StemOf(Bias is not null && Weight.Leaves.First().Kind == ParameterKind.Embedding ? Bias : Weight);

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new LinearNode(inputs[0], Weight, Bias, Groups);

    public override long Flops(long rows, long tokens) => 2 * rows * Weight.Rows * Weight.Columns;
}
