using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>Which rows a value has, in a packed batch of texts.</summary>
internal enum RowSet
{
    /// <summary>Every token of every text, one after another.</summary>
    Tokens,

    /// <summary>The first token of each text.</summary>
    FirstTokens,

    /// <summary>The tokens that the batch names in <see cref="PackedBatch.SelectedRows"/> (masked positions).</summary>
    SelectedTokens,

    /// <summary>One row per text that stands for all its tokens (pooling).</summary>
    Texts,
}

/// <summary>
/// An operation of a graph and at once the value it produces: [rows, <see cref="Width"/>], row-major.
/// Row-wise operations touch a token alone, sequence-wise ones (<see cref="IsSequenceWise"/>) a whole text.
/// </summary>
internal abstract class Node(int width, RowSet rows, params Node[] inputs)
{
    /// <summary>Position in <see cref="Graph.Nodes"/>; inputs have smaller ones.</summary>
    public int Id { get; internal set; } = -1;

    /// <summary>Channels of a row.</summary>
    public int Width { get; } = width;

    public RowSet Rows { get; } = rows;

    public IReadOnlyList<Node> Inputs { get; } = inputs;

    public virtual bool IsSequenceWise => false;

    /// <summary>The expressions that the operation reads, in a fixed order.</summary>
    public virtual IEnumerable<ParameterExpression> Expressions => [];
}

/// <summary>What an embedding table is indexed by.</summary>
internal enum EmbeddingIndex
{
    TokenId,
    Position,
    TokenTypeId,
}

internal sealed record EmbeddingTable(ParameterExpression Weight, EmbeddingIndex Index);

/// <summary>Sum of table rows, in the order of <paramref name="tables"/>.</summary>
internal sealed class EmbedNode(IReadOnlyList<EmbeddingTable> tables) : Node(tables[0].Weight.Columns, RowSet.Tokens)
{
    public IReadOnlyList<EmbeddingTable> Tables { get; } = tables;

    public override IEnumerable<ParameterExpression> Expressions => Tables.Select(table => table.Weight);
}

/// <summary>[next | current | previous] rows of a text side by side, zeros outside (MobileBERT, section 3.4 of arXiv 2004.02984).</summary>
internal sealed class TrigramNode(Node input) : Node(3 * input.Width, input.Rows, input)
{
    public override bool IsSequenceWise => true;
}

/// <summary>
/// y = x Wᵀ + b in <paramref name="groups"/> independent groups: output o belongs to group o / (out / groups) and sees
/// that group's in / groups inputs. <paramref name="weight"/> is [out, in / groups].
/// </summary>
internal sealed class LinearNode(Node input, ParameterExpression weight, ParameterExpression? bias, int groups)
    : Node(weight.Rows, input.Rows, input)
{
    public ParameterExpression Weight { get; } = weight;

    public ParameterExpression? Bias { get; } = bias;

    public int Groups { get; } = groups;

    public override IEnumerable<ParameterExpression> Expressions => Bias is null ? [Weight] : [Weight, Bias];
}

internal sealed class ActivationNode(Node input, Activation activation) : Node(input.Width, input.Rows, input)
{
    public Activation Activation { get; } = activation;
}

/// <summary>Multiplies by a constant.</summary>
internal sealed class ScaleNode(Node input, float factor) : Node(input.Width, input.Rows, input)
{
    public float Factor { get; } = factor;
}

internal sealed class AddNode(Node left, Node right) : Node(left.Width, left.Rows, left, right);

internal enum NormKind
{
    /// <summary>(x - mean) / sqrt(variance + epsilon) * weight + bias over the channels of a row (arXiv 1607.06450).</summary>
    LayerNorm,

    /// <summary>x * weight + bias (MobileBERT).</summary>
    NoNorm,
}

internal sealed class NormNode(Node input, NormKind kind, Parameter weight, Parameter bias, float epsilon)
    : Node(input.Width, input.Rows, input)
{
    public NormKind Kind { get; } = kind;

    public Parameter Weight { get; } = weight;

    public Parameter Bias { get; } = bias;

    public float Epsilon { get; } = epsilon;

    public override IEnumerable<ParameterExpression> Expressions => [Weight, Bias];
}

/// <summary>Zeroes elements with a probability and scales the others by 1 / (1 - probability); only in training.</summary>
/// <param name="input">Value.</param>
/// <param name="probability">0 up to, not including, 1.</param>
/// <param name="site">Number of the dropout in its graph; keys the random numbers together with step, example and position.</param>
internal sealed class DropoutNode(Node input, float probability, int site) : Node(input.Width, input.Rows, input)
{
    public float Probability { get; } = probability;

    public int Site { get; } = site;
}

/// <summary>
/// Scaled dot-product attention within each text: softmax(scale · Q Kᵀ) V for each head (arXiv 1706.03762, section 3.2).
/// The widths of queries and keys are equal; the values' may differ.
/// </summary>
internal sealed class AttentionNode(Node query, Node key, Node value, int heads, float scale, float dropout, int site)
    : Node(value.Width, query.Rows, query, key, value)
{
    public Node Query => Inputs[0];

    public Node Key => Inputs[1];

    public Node Value => Inputs[2];

    public int Heads { get; } = heads;

    public float Scale { get; } = scale;

    /// <summary>Dropout probability on the attention probabilities, in training.</summary>
    public float Dropout { get; } = dropout;

    public int Site { get; } = site;

    public override bool IsSequenceWise => true;
}

/// <summary>Channels [Start, Start + Weight.Rows) are convolved with a kernel of Weight.Columns taps each.</summary>
internal sealed record ConvolutionBranch(int Start, Parameter Weight, Parameter Bias)
{
    public int Channels => Weight.Rows;

    public int KernelSize => Weight.Columns;
}

/// <summary>Depthwise convolution along a text, zeros outside of it; neighbours go by position.</summary>
internal sealed class DepthwiseConvolutionNode(Node input, IReadOnlyList<ConvolutionBranch> branches) : Node(input.Width, input.Rows, input)
{
    public IReadOnlyList<ConvolutionBranch> Branches { get; } = branches;

    public override bool IsSequenceWise => true;

    public override IEnumerable<ParameterExpression> Expressions => Branches.SelectMany(branch => new[] { branch.Weight, branch.Bias });
}

/// <summary>Channels [Start, Start + Width) of each row.</summary>
internal sealed class ColumnsNode(Node input, int start, int count) : Node(count, input.Rows, input)
{
    public int Start { get; } = start;
}

/// <summary>Keeps a subset of the token rows.</summary>
internal sealed class SelectRowsNode(Node input, RowSet selection) : Node(input.Width, selection, input);

internal enum PoolKind
{
    Mean,
    Max,
}

/// <summary>Mean or maximum over the tokens of each text.</summary>
internal sealed class PoolNode(Node input, PoolKind kind) : Node(input.Width, RowSet.Texts, input)
{
    public PoolKind Kind { get; } = kind;

    public override bool IsSequenceWise => true;
}
