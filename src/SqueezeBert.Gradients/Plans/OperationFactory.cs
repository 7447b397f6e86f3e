using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Plans;

/// <summary>The forward and backward pass of each kind of node.</summary>
internal static class OperationFactory
{
    public static Operation Create(Node node, ParameterStore parameters) => node switch
    {
        EmbedNode embed => new EmbedOperation(embed, parameters),
        NgramNode ngrams => new NgramOperation(ngrams, parameters),
        LinearNode linear => new LinearOperation(linear, parameters),
        ActivationNode activation => new ActivationOperation(activation),
        AddNode add => new AddOperation(add),
        ScaleNode scale => new ScaleOperation(scale),
        NormalizeNode normalize => new NormalizeOperation(normalize),
        NormNode norm => new NormOperation(norm, parameters),
        DropoutNode dropout => new DropoutOperation(dropout),
        AttentionNode attention => new AttentionOperation(attention),
        ColumnsNode columns => new ColumnsOperation(columns),
        SelectRowsNode select => new SelectRowsOperation(select),
        PoolNode pool => new PoolOperation(pool),
        DepthwiseConvolutionNode convolution => new DepthwiseConvolutionOperation(convolution, parameters),
        TrigramNode trigram => new TrigramOperation(trigram),
        _ => throw new NotSupportedException($"{node.GetType().Name} has no backward pass"),
    };
}
