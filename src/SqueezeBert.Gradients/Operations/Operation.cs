using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// The training of one node: its forward pass, which keeps what the backward pass reads, and its backward pass in two parts: gradients of
/// the inputs (by units that do not depend on each other) and gradients of the parameters (by output channels, each summed over all rows in
/// order).
/// </summary>
internal abstract class Operation(Node node)
{
    public Node Node { get; } = node;

    public Value Output { get; set; } = null!;

    public IReadOnlyList<Value> Inputs { get; set; } = [];

    /// <summary>For each input: whether its gradient holds a part already, to which this operation adds.</summary>
    public bool[] Accumulate { get; set; } = [];

    /// <summary>Whether units are rows, which may be done together with those of other row-wise operations of the same rows.</summary>
    public virtual bool IsRowWise => !Node.IsSequenceWise;

    /// <summary>Whether the value may overwrite the first input's, and the gradient of the first input that of the value.</summary>
    public virtual bool DataInPlace => false;

    public virtual bool GradientInPlace => DataInPlace;

    /// <summary>Independent pieces of <see cref="Forward"/> and <see cref="Backward"/>: rows, texts or pairs of text and head.</summary>
    public virtual int Units(Step step) => step.RowCount(Node.Rows);

    /// <summary>Takes memory for the batch.</summary>
    public virtual void Prepare(Step step)
    {
    }

    public abstract void Forward(Step step, int first, int count, int worker);

    /// <summary>Writes or adds to the gradients of the inputs.</summary>
    public abstract void Backward(Step step, int first, int count, int worker);

    /// <summary>Independent pieces of <see cref="ParameterGradient"/>.</summary>
    public virtual int ParameterParts => 0;

    /// <summary>Adds to the gradients of some channels of the parameters.</summary>
    public virtual void ParameterGradient(Step step, int part)
    {
    }

    /// <summary>Independent pieces of <see cref="Pack"/>.</summary>
    public virtual int PackParts => 0;

    /// <summary>Brings a part of the weights into the layout of the kernels, after they have changed.</summary>
    public virtual void Pack(int part)
    {
    }
}
