using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>
/// An operation of a graph and at once the value it produces: [rows, <see cref="Width"/>], row-major. A node says of itself which rows of
/// its inputs it needs, how it is made again on other inputs, and what it costs; the interpreters say how it is computed. Immutable, but
/// for its place in a graph.
/// </summary>
internal abstract class Node(int width, RowSet rows, params IReadOnlyList<Node> inputs)
{
    /// <summary>Position in <see cref="Graph.Nodes"/>; inputs have smaller ones. -1 outside of a graph.</summary>
    public int Id { get; internal set; } = -1;

    /// <summary>Channels of a row.</summary>
    public int Width { get; } = width;

    /// <summary>The rows that the value has where all of it is computed.</summary>
    public RowSet Rows { get; } = rows;

    public IReadOnlyList<Node> Inputs { get; } = inputs;

    /// <summary>Whether the operation joins rows of a text; else it touches a row alone.</summary>
    public abstract bool IsSequenceWise { get; }

    /// <summary>The expressions that the operation reads, in a fixed order.</summary>
    public abstract IReadOnlyList<ParameterExpression> Expressions { get; }

    /// <summary>What costs are listed under: the stem of the first parameter's name; null where the operation has none.</summary>
    public virtual string? CostName => StemOf(Expressions.FirstOrDefault());

    /// <summary>Number of the random numbers that training draws here, see <see cref="DropoutNode"/>; -1 where it draws none.</summary>
    public virtual int DropoutSite => -1;

    /// <summary>The rows that are computed where some are asked for: more than those where the operation cannot leave rows out.</summary>
    public abstract RowSet RowsComputed(RowSet demanded);

    /// <summary>The rows of an input that <paramref name="computed"/> rows of this value are made of.</summary>
    public abstract RowSet RowsOwed(int input, RowSet computed);

    /// <summary>The same operation on other inputs, outside of a graph.</summary>
    /// <exception cref="InvalidOperationException">The inputs have other widths or rows than the operation can take.</exception>
    public abstract Node WithInputs(IReadOnlyList<Node> inputs);

    /// <summary>Floating-point operations of matrix products and convolutions, a multiply-add being two.</summary>
    /// <param name="rows">Rows that are computed, of one text.</param>
    /// <param name="tokens">Tokens of that text.</param>
    public abstract long Flops(long rows, long tokens);

    protected static string? StemOf(ParameterExpression? expression) =>
        expression?.Leaves.First().Name is not { } name ? null : name.LastIndexOf('.') is > 0 and var end ? name[..end] : name;
}

/// <summary>An operation that touches a row alone: what is not asked for is not computed.</summary>
internal abstract class RowWiseNode(int width, RowSet rows, params IReadOnlyList<Node> inputs) : Node(width, rows, inputs)
{
    public sealed override bool IsSequenceWise => false;

    // A text's row stands for itself: no token has one of its own.
    public override RowSet RowsComputed(RowSet demanded) => Rows == RowSet.Texts ? RowSet.Texts : demanded;

    public sealed override RowSet RowsOwed(int input, RowSet computed) => computed;
}

/// <summary>An operation that joins rows of a text: it is computed as a whole, from the whole of its inputs.</summary>
internal abstract class SequenceWiseNode(int width, RowSet rows, params IReadOnlyList<Node> inputs) : Node(width, rows, inputs)
{
    public sealed override bool IsSequenceWise => true;

    public override RowSet RowsComputed(RowSet demanded) => Rows;

    public override RowSet RowsOwed(int input, RowSet computed) => Inputs[input].Rows;
}
