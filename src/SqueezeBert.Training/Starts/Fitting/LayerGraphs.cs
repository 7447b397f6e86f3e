using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>
/// One layer of a model as a graph of its own, with what stands inside as outputs. The layer's input is a table that has a row for each
/// token of the sample: a token's id is its row.
/// </summary>
internal static class LayerGraphs
{
    /// <summary>The parameter of the layer's input, [tokens, hidden].</summary>
    public const string Rows = "rows.weight";

    /// <summary>The heads' results side by side, before the attention's output projection.</summary>
    public const string Context = "context";

    /// <summary>The attention's output with the residual, before its norm.</summary>
    public const string AttentionSum = "attention_sum";

    /// <summary>The same behind its norm: the input of the feed-forward network.</summary>
    public const string Attention = "attention";

    /// <summary>The middle of the feed-forward network, behind the activation.</summary>
    public const string Middle = "middle";

    /// <summary>The feed-forward network's output with the residual, before its norm.</summary>
    public const string Sum = "sum";

    /// <summary>The layer's output.</summary>
    public const string Hidden = "hidden";

    /// <summary>The graph of a layer.</summary>
    /// <param name="configuration">A BERT's or a SqueezeBERT's.</param>
    /// <param name="layer">Counted from 0.</param>
    /// <param name="tokens">Rows of the table.</param>
    public static Graph Of(ModelConfiguration configuration, int layer, int tokens)
    {
        var graph = ModelGraph.Create(configuration, ModelHead.None, hasPooler: false);
        var names = LayerNames.Of(configuration, layer);
        var input = graph.Output(OutputNames.HiddenState(layer)).Node;
        return GraphRewriter.Rewrite(graph, (rewriter, node, inputs) =>
        {
            var g = rewriter.Builder;
            if (node == input)
            {
                var table = g.TableParameter(Rows, tokens, configuration.HiddenSize);
                return g.Embed(new EmbeddingTable(table, EmbeddingIndex.TokenId));
            }

            switch (node)
            {
                case LinearNode { Weight: Parameter weight } when weight.Name == names.AttentionOutput + ".weight":
                    g.Output(Context, inputs[0]);
                    break;
                case LinearNode { Weight: Parameter weight } when weight.Name == names.Output + ".weight":
                    g.Output(Middle, inputs[0]);
                    break;
                case NormNode norm when norm.Weight.Name == names.AttentionNorm + ".weight":
                    return Show(AttentionSum, Attention);
                case NormNode norm when norm.Weight.Name == names.OutputNorm + ".weight":
                    return Show(Sum, Hidden);
            }

            return null;

            Node Show(string before, string behind)
            {
                g.Output(before, inputs[0]);
                var copy = g.Append(node.WithInputs([.. inputs]));
                g.Output(behind, copy);
                return copy;
            }
        }, static _ => false);
    }
}
