using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// One node forward, keeping what the backward pass reads, and backward in two parts: gradients of the inputs (by units that do not depend
/// on each other) and gradients of the parameters (by output channels, each summed over all rows in order). Inputs that need no gradient
/// have no memory for one, and frozen parameters neither.
/// </summary>
/// <param name="node">What is computed.</param>
/// <param name="parameters">Of the node's expressions; null where it has none.</param>
internal abstract class Operation(Node node, ParameterStore? parameters = null)
{
    public Node Node { get; } = node;

    /// <summary>The parameters that the operation has gradients for.</summary>
    public IReadOnlyList<Parameter> TrainedParameters { get; } = parameters is null
        ? []
        : [.. node.Expressions.SelectMany(expression => expression.Leaves).Distinct().Where(parameters.IsTrainable)];

    public bool IsTrained => TrainedParameters.Count > 0;

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
    public virtual int Units(BatchState state) => state.RowCount(Node.Rows);

    /// <summary>Takes memory for the batch.</summary>
    public virtual void Prepare(BatchState state)
    {
    }

    public abstract void Forward(BatchState state, int first, int count, int worker);

    /// <summary>Writes or adds to the gradients of the inputs.</summary>
    public abstract void Backward(BatchState state, int first, int count, int worker);

    /// <summary>Independent pieces of <see cref="ParameterGradient"/>, which is not called where nothing is trained.</summary>
    public virtual int ParameterParts => 0;

    /// <summary>Adds to the gradients of some channels of the parameters.</summary>
    public virtual void ParameterGradient(BatchState state, int part)
    {
    }

    /// <summary>Independent pieces of <see cref="Pack"/>.</summary>
    public virtual int PackParts => 0;

    /// <summary>Whether <see cref="Backward"/> has anything to do.</summary>
    public virtual bool HasBackward => Inputs.Any(input => input.NeedsGradient);

    /// <summary>Brings a part of the weights into the layout of the kernels, after they have changed.</summary>
    public virtual void Pack(int part)
    {
    }
}
