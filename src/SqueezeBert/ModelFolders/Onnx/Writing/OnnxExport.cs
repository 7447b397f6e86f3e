using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>How vectors of texts are computed after an encoder.</summary>
internal sealed record SentenceOutput(SentencePooling Pooling, bool Normalize);

/// <summary>
/// Writes the graph of a model as an ONNX file with the inputs and outputs of transformers' exports. A sentence encoder has the outputs of
/// Optimum's exports.
/// </summary>
internal static class OnnxExport
{
    public const string TokenEmbeddings = "token_embeddings", SentenceEmbedding = "sentence_embedding";

    private static readonly string[] EncoderOutputs = [OutputNames.LastHiddenState, OutputNames.PoolerOutput];

    /// <summary>Writes the graph with its hidden states and, if there is one, its pooler output.</summary>
    /// <exception cref="UnsupportedModelException">The graph has an operation without an equivalent ONNX operator.</exception>
    public static void Save(string path, Graph graph, IParameterSource source) =>
        Save(path, graph, source, [.. EncoderOutputs.Where(graph.Outputs.ContainsKey)]);

    /// <summary>Writes the graph with the named outputs.</summary>
    /// <exception cref="UnsupportedModelException">The graph has an operation without an equivalent ONNX operator.</exception>
    public static void Save(string path, Graph graph, IParameterSource source, IReadOnlyList<string> outputs) =>
        Make(graph, source, outputs, OnnxOptions.Default.OperatorSet).Save(path, OnnxOptions.Default.ExternalDataThreshold);

    /// <inheritdoc cref="Save(string, Graph, IParameterSource, IReadOnlyList{string})"/>
    public static void Save(Stream stream, Graph graph, IParameterSource source, IReadOnlyList<string> outputs) =>
        Make(graph, source, outputs, OnnxOptions.Default.OperatorSet).Save(stream);

    /// <summary>Returns the outputs of an export of the model: those of the head, or hidden states and pooler output.</summary>
    public static IReadOnlyList<string> OutputsOf(Graph graph) => graph.Head == ModelHead.None
        ? [.. EncoderOutputs.Where(graph.Outputs.ContainsKey)]
        : [.. ModelHeads.Find(graph.Head) is { ScalarOutputs.Count: > 1 } head ? head.ScalarOutputs : ModelHeads.Find(graph.Head).Answers];

    /// <summary>Creates the file of a graph. Weights are read when it is saved.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="source">The source of its weights.</param>
    /// <param name="names">The names of the outputs.</param>
    /// <param name="operatorSet">The version of the standard operator set.</param>
    /// <param name="sentence">If not null, the outputs are replaced by hidden states and the vector of each text.</param>
    /// <exception cref="UnsupportedModelException">The graph has an operation without an equivalent ONNX operator.</exception>
    public static OnnxFile Make(
        Graph graph, IParameterSource source, IReadOnlyList<string> names, int operatorSet, SentenceOutput? sentence = null)
    {
        var file = new OnnxFile(operatorSet);
        var head = ModelHeads.Find(graph.Head);
        if (sentence is not null) names = [OutputNames.LastHiddenState];
        var nodes = graph.NodesFor(names);
        var hasTypes = nodes.OfType<EmbedNode>().SelectMany(embed => embed.Tables).Any(table => table.Index == EmbeddingIndex.TokenTypeId);
        var inputs = new ModelInputs(file, head.ReadsChoices, hasTypes);
        var layers = new LayerWriter(file, source, inputs);
        foreach (var node in nodes) layers.Write(node);
        if (sentence is not null)
        {
            WriteSentence(file, graph.Output(OutputNames.LastHiddenState).Node, layers, inputs, sentence);
            return file;
        }

        foreach (var output in names.Select(graph.Output)) WriteOutput(file, output, head, layers, inputs);
        return file;
    }

    private static void WriteOutput(OnnxFile file, GraphOutput output, HeadDescriptor head, LayerWriter layers, ModelInputs inputs)
    {
        var (value, node) = (layers.Value(output.Node), output.Node);
        if (output.Kind != OutputKind.Value)
            throw new UnsupportedModelException($"the output {output.Name} is none of an ONNX file");
        if (!head.ScalarOutputs.Contains(output.Name))
        {
            if (node.Rows == RowSet.Tokens)
                file.Output(output.Name, value, OnnxTensor.Float, ModelInputs.Batch, ModelInputs.Length, node.Width);
            else file.Output(output.Name, value, OnnxTensor.Float, ModelInputs.Batch, node.Width);
        }
        else if (head.ReadsChoices)
        {
            var shape = file.Add("Concat", [file.Integers(-1), inputs.ChoiceCount], ("axis", 0L));
            file.Output(output.Name, file.Add("Reshape", [value, shape]), OnnxTensor.Float, ModelInputs.Batch, ModelInputs.Choices);
        }
        else
        {
            file.Output(output.Name, file.Squeeze(value, -1), OnnxTensor.Float, ModelInputs.Batch, ModelInputs.Length);
        }
    }

    private static void WriteSentence(OnnxFile file, Node hidden, LayerWriter layers, ModelInputs inputs, SentenceOutput sentence)
    {
        var tokens = layers.Value(hidden);
        var vector = PoolingWriter.Pool(file, sentence.Pooling, tokens, inputs.AttentionMask);
        if (sentence.Normalize) vector = PoolingWriter.Normalize(file, vector);
        file.Output(TokenEmbeddings, tokens, OnnxTensor.Float, ModelInputs.Batch, ModelInputs.Length, hidden.Width);
        file.Output(SentenceEmbedding, vector, OnnxTensor.Float, ModelInputs.Batch, hidden.Width);
    }
}
