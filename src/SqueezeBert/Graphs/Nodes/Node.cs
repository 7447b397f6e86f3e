using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>
/// An operation of a graph, and at the same time its value with the shape [rows, <see cref="Width"/>], in row-major order. A node knows
/// which rows of its inputs it needs, how to recreate itself on other inputs, and what it costs. The interpreters know how it is computed.
/// Immutable, except for its place in a graph.
/// </summary>
internal abstract class Node(int width, RowSet rows, params IReadOnlyList<Node> inputs)
{
    /// <summary>The position in <see cref="Graph.Nodes"/>, or -1 outside of a graph. Inputs have smaller positions.</summary>
    public int Id { get; internal set; } = -1;

    /// <summary>The number of channels of a row.</summary>
    public int Width { get; } = width;

    /// <summary>The rows of the complete value.</summary>
    public RowSet Rows { get; } = rows;

    public IReadOnlyList<Node> Inputs { get; } = inputs;

    /// <summary>Whether the operation combines rows of a text. Otherwise it processes each row independently.</summary>
    public abstract bool IsSequenceWise { get; }

    /// <summary>The expressions that the operation reads, in a fixed order.</summary>
    public abstract IReadOnlyList<ParameterExpression> Expressions { get; }

    /// <summary>
    /// The name under which costs are listed: the stem of the first parameter's name, or null for an operation without parameters.
    /// </summary>
    public virtual string? CostName => StemOf(Expressions.FirstOrDefault());

    /// <summary>
    /// The number of the random numbers that training uses here (see <see cref="DropoutNode"/>), or -1 if there are none.
    /// </summary>
    public virtual int DropoutSite => -1;

    /// <summary>
    /// Returns the rows that are computed if some are requested. They are more than requested if the operation cannot leave rows out.
    /// </summary>
    public abstract RowSet RowsComputed(RowSet demanded);

    /// <summary>Returns the rows of an input that are needed for <paramref name="computed"/> rows of this value.</summary>
    public abstract RowSet RowsOwed(int input, RowSet computed);

    /// <summary>Creates the same operation on other inputs, outside of a graph.</summary>
    /// <exception cref="InvalidOperationException">The inputs have widths or rows that do not fit the operation.</exception>
    public abstract Node WithInputs(IReadOnlyList<Node> inputs);

    /// <summary>Returns the floating-point operations of matrix products and convolutions. A multiply-add counts as two.</summary>
    /// <param name="rows">The number of computed rows of one text.</param>
    /// <param name="tokens">The number of tokens of that text.</param>
    public abstract long Flops(long rows, long tokens);

    protected static string? StemOf(ParameterExpression? expression) =>
        expression?.Leaves.First().Name is not { } name ? null : name.LastIndexOf('.') is > 0 and var end ? name[..end] : name;
}

/// <summary>An operation that processes each row independently. Rows that are not requested are not computed.</summary>
internal abstract class RowWiseNode(int width, RowSet rows, params IReadOnlyList<Node> inputs) : Node(width, rows, inputs)
{
    public sealed override bool IsSequenceWise => false;

    // A text's row stands for itself: no token has one of its own.
    public override RowSet RowsComputed(RowSet demanded) => Rows == RowSet.Texts ? RowSet.Texts : demanded;

    public sealed override RowSet RowsOwed(int input, RowSet computed) => computed;
}

/// <summary>An operation that combines rows of a text. It is computed as a whole, from all rows of its inputs.</summary>
internal abstract class SequenceWiseNode(int width, RowSet rows, params IReadOnlyList<Node> inputs) : Node(width, rows, inputs)
{
    public sealed override bool IsSequenceWise => true;

    public override RowSet RowsComputed(RowSet demanded) => Rows;

    public override RowSet RowsOwed(int input, RowSet computed) => Inputs[input].Rows;
}
