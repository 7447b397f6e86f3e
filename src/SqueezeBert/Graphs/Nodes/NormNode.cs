using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

internal enum NormKind
{
    /// <summary>(x - mean) / sqrt(variance + epsilon) * weight + bias over the channels of a row (arXiv 1607.06450).</summary>
    LayerNorm,

    /// <summary>x * weight + bias (MobileBERT).</summary>
    NoNorm,
}

internal sealed class NormNode : RowWiseNode
{
    public NormNode(Node input, NormKind kind, Parameter weight, Parameter bias, float epsilon)
        : base(input.Width, input.Rows, input)
    {
        if (weight.Length != input.Width || bias.Length != input.Width)
            throw new InvalidOperationException(
                $"a norm of {input.Width} channels cannot have {weight.Length} weights and {bias.Length} biases");
        Kind = kind;
        Weight = weight;
        Bias = bias;
        Epsilon = epsilon;
    }

    public NormKind Kind { get; }

    public Parameter Weight { get; }

    public Parameter Bias { get; }

    public float Epsilon { get; }

    public override IReadOnlyList<ParameterExpression> Expressions => [Weight, Bias];

    public override Node WithInputs(IReadOnlyList<Node> inputs) => new NormNode(inputs[0], Kind, Weight, Bias, Epsilon);

    public override long Flops(long rows, long tokens) => 0;
}
