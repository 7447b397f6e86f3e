using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders.Onnx;
using SqueezeBert.ModelFolders.Onnx.Writing;

namespace SqueezeBert.Tests.ModelFolders.Onnx;

/// <summary>Small ONNX files, good and bad.</summary>
internal static class OnnxBytes
{
    public static BertConfiguration Bert { get; } = new()
    {
        VocabularySize = 11,
        HiddenSize = 8,
        LayerCount = 2,
        HeadCount = 2,
        IntermediateSize = 12,
        MaxPositionEmbeddings = 9,
    };

    /// <summary>The bare encoder.</summary>
    public static byte[] Good() => Of(ModelGraph.Create(Bert, ModelHead.None));

    public static byte[] Of(Graph graph)
    {
        var stream = new MemoryStream();
        OnnxExport.Save(stream, graph, new FormulaParameters(), OnnxExport.OutputsOf(graph));
        return stream.ToArray();
    }

    public static byte[] Of(OnnxFile file)
    {
        var stream = new MemoryStream();
        file.Save(stream);
        return stream.ToArray();
    }

    /// <summary>A file whose graph has this field.</summary>
    public static byte[] WithField(int field, ProtobufMessage message)
    {
        var stream = new MemoryStream();
        new ProtobufMessage().Integer(1, 8).Message(7, new ProtobufMessage().Message(field, message)).WriteTo(stream);
        return stream.ToArray();
    }

    /// <summary>A file with one tensor of these sizes and bytes.</summary>
    public static byte[] WithTensor(long[] sizes, int bytes, int type = OnnxTensor.Float)
    {
        var tensor = new ProtobufMessage().Text(8, "weight").Integer(2, type);
        foreach (var size in sizes) tensor.Integer(1, size);
        return WithField(5, tensor.Bytes(9, new byte[bytes]));
    }

    public static OnnxModel Open(byte[] bytes) => OnnxModel.Open(ByteSource.InMemory("model.onnx", bytes), folder: null, null, null);

    /// <summary>What the reader says.</summary>
    public static string Refusal(byte[] bytes) => Assert.Throws<InvalidModelFileException>(() => Open(bytes).Dispose()).Message;

    /// <summary>A BERT of one layer with something changed.</summary>
    public static Graph Odd(float epsilon = 1e-12f, Activation activation = Activation.Gelu, bool isNormFirst = false,
        bool hasSecondResidual = false)
    {
        var g = new GraphBuilder();
        var x = g.Embed(
            g.Table("embeddings.word_embeddings", EmbeddingIndex.TokenId, 11, 8),
            g.Table("embeddings.token_type_embeddings", EmbeddingIndex.TokenTypeId, 2, 8),
            g.Table("embeddings.position_embeddings", EmbeddingIndex.Position, 9, 8));
        x = g.LayerNorm(x, "embeddings.LayerNorm", 1e-12f);
        var y = isNormFirst ? g.LayerNorm(x, "first", 1e-12f) : x;
        var context = g.Attention(g.Linear(y, "query", 8), g.Linear(y, "key", 8), g.Linear(y, "value", 8), 2, 0);
        var sum = g.Add(g.Linear(context, "output", 8), x);
        if (hasSecondResidual) sum = g.Add(g.Linear(x, "other", 8), sum);
        x = g.LayerNorm(sum, "attention.LayerNorm", 1e-12f);
        var middle = g.Activate(g.Linear(x, "intermediate", 12), activation);
        x = g.LayerNorm(g.Add(g.Linear(middle, "down", 8), x), "output.LayerNorm", epsilon);
        g.Output(OutputNames.LastHiddenState, x);
        return g.Build(ModelHead.None);
    }
}
