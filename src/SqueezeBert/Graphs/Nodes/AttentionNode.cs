using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs.Nodes;

/// <summary>
/// Scaled dot-product attention within each text: softmax(scale · Q Kᵀ) V for each head (arXiv 1706.03762, section 3.2). Queries are
/// computed only for the requested rows. All rows of keys and values are always needed.
/// </summary>
internal sealed class AttentionNode : SequenceWiseNode
{
    public AttentionNode(Node query, Node key, Node value, int heads, float scale, float dropout, int site)
        : base(value.Width, query.Rows, query, key, value)
    {
        if (query.Width != key.Width || query.Width != value.Width || query.Width % heads != 0)
            throw new InvalidOperationException($"attention of {heads} heads over widths {query.Width}, {key.Width}, {value.Width}");
        if (key.Rows != value.Rows)
            throw new InvalidOperationException($"attention over keys of {key.Rows} and values of {value.Rows}");
        Heads = heads;
        Scale = scale;
        Dropout = dropout;
        Site = site;
    }

    public Node Query => Inputs[0];

    public Node Key => Inputs[1];

    public Node Value => Inputs[2];

    public int Heads { get; }

    public float Scale { get; }

    /// <summary>The dropout probability of the attention probabilities, in training.</summary>
    public float Dropout { get; }

    public int Site { get; }

    public override IReadOnlyList<ParameterExpression> Expressions => [];

    public override string CostName => "attention (scores and context)";

    public override int DropoutSite => Site;

    public override RowSet RowsComputed(RowSet demanded) => demanded;

    public override RowSet RowsOwed(int input, RowSet computed) => input == 0 ? computed : Inputs[input].Rows;

    public override Node WithInputs(IReadOnlyList<Node> inputs) =>
        new AttentionNode(inputs[0], inputs[1], inputs[2], Heads, Scale, Dropout, Site);

    public override long Flops(long rows, long tokens) => 2 * rows * tokens * (Query.Width + Value.Width);
}
