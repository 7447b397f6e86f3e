using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// A node forward, keeping what the backward pass reads, and backward in two parts: the gradients of the inputs (by independent units) and
/// the gradients of the parameters (by output channels, each summed over all rows in order). Inputs and frozen parameters that need no
/// gradient have no memory for one.
/// </summary>
/// <param name="node">The node that is computed.</param>
/// <param name="parameters">The store of the node's parameters, or null if it has none.</param>
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

    /// <summary>For each input, whether its gradient already contains a part, to which this operation adds.</summary>
    public bool[] Accumulate { get; set; } = [];

    /// <summary>Whether units are rows, which can be processed together with those of other row-wise operations on the same rows.</summary>
    public virtual bool IsRowWise => !Node.IsSequenceWise;

    /// <summary>Whether the value may overwrite that of the first input, and the gradient of the first input that of the value.</summary>
    public virtual bool DataInPlace => false;

    public virtual bool GradientInPlace => DataInPlace;

    /// <summary>
    /// Returns the number of independent parts of <see cref="Forward"/> and <see cref="Backward"/>: rows, texts or pairs of text and head.
    /// </summary>
    public virtual int Units(BatchState state) => state.RowCount(Node.Rows);

    /// <summary>Allocates memory for the batch.</summary>
    public virtual void Prepare(BatchState state)
    {
    }

    public abstract void Forward(BatchState state, int first, int count, int worker);

    /// <summary>Writes or adds to the gradients of the inputs.</summary>
    public abstract void Backward(BatchState state, int first, int count, int worker);

    /// <summary>The number of independent parts of <see cref="ParameterGradient"/>, which is not called if nothing is trained.</summary>
    public virtual int ParameterParts => 0;

    /// <summary>Adds to the gradients of some channels of the parameters.</summary>
    public virtual void ParameterGradient(BatchState state, int part)
    {
    }

    /// <summary>The number of independent parts of <see cref="Pack"/>.</summary>
    public virtual int PackParts => 0;

    /// <summary>Whether <see cref="Backward"/> has anything to do.</summary>
    public virtual bool HasBackward => Inputs.Any(input => input.NeedsGradient);

    /// <summary>Packs a part of the weights for the kernels, after they have changed.</summary>
    public virtual void Pack(int part)
    {
    }
}
