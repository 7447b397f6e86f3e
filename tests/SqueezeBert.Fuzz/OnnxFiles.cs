using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.ModelFolders.Onnx;
using SqueezeBert.ModelFolders.Onnx.Writing;
using SqueezeBert.Onnx.Tests;

namespace SqueezeBert.Fuzz;

/// <summary>The reader of ONNX files, fed with small models of every architecture and in many exporters' styles.</summary>
internal static class OnnxFiles
{
    private const byte GraphTag = (7 << 3) | 2;

    /// <summary>Bytes that the length of the graph is stretched to, so that it can be put right.</summary>
    private const int LengthBytes = 5;

    private static readonly BertConfiguration SmallBert = new()
    {
        VocabularySize = 11,
        HiddenSize = 4,
        LayerCount = 1,
        HeadCount = 2,
        IntermediateSize = 6,
        MaxPositionEmbeddings = 9,
    };

    public static FuzzTarget Target() => new(
        "onnx",
        [.. Models(), .. Styles()],
        [
            .. FuzzTarget.Texts(
                "Add", "MatMul", "Gemm", "Reshape", "Transpose", "Gather", "Slice", "Concat", "Softmax", "Loop", "com.microsoft", "axis",
                    "perm", "input_ids", "location", "../x"),
            [0x0A, 0x00], [0x12, 0x01], [0x3A, 0x00], [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x70, 0x01],
                [0x2A, 0x02], [0x0B], [0x0C], [0x00],
        ],
        IsText: false,
        Read)
    {
        Repair = Repair,
    };

    private static void Read(byte[] bytes, float[] buffer)
    {
        using var model = OnnxModel.Open(ByteSource.InMemory("model.onnx", bytes), folder: null, null, null);
        foreach (var name in model.Names)
        {
            if (!model.TryGetTensor(name, out var info)) throw new InvalidOperationException($"'{name}' is listed and not there");

            if (info.ElementCount > buffer.Length) throw new InvalidOperationException($"'{name}' has {info.ElementCount} elements");
            model.ReadFloats(name, buffer.AsSpan(0, (int)info.ElementCount));
        }
    }

    private static IEnumerable<byte[]> Models()
    {
        ModelConfiguration[] configurations =
        [
            SmallBert,
            new DistilBertConfiguration { VocabularySize = 11, HiddenSize = 4, LayerCount = 1, HeadCount = 1, IntermediateSize = 6,
                MaxPositionEmbeddings = 9 },
            new SqueezeBertConfiguration
            {
                VocabularySize = 11, HiddenSize = 8, LayerCount = 1, HeadCount = 2, IntermediateSize = 8, MaxPositionEmbeddings = 9,
            },
            new SeparableConfiguration
            {
                VocabularySize = 11, HiddenSize = 12, EmbeddingSize = 4, LayerCount = 1, HeadCount = 2, IntermediateSize = 8,
                    MaxPositionEmbeddings = 9,
            },
            new MobileBertConfiguration
            {
                VocabularySize = 11, HiddenSize = 8, EmbeddingSize = 4, IntraBottleneckSize = 4, LayerCount = 1, HeadCount = 2,
                    IntermediateSize = 8, MaxPositionEmbeddings = 9,
            },
            new ElectraConfiguration
            {
                VocabularySize = 11, HiddenSize = 4, EmbeddingSize = 6, LayerCount = 1, HeadCount = 2, IntermediateSize = 6,
                    MaxPositionEmbeddings = 9,
            },
            new StaticConfiguration { VocabularySize = 11, HiddenSize = 4, TableRows = 5, HasTokenWeights = true },
        ];
        ModelHead[] heads = [ModelHead.None, ModelHead.SequenceClassification, ModelHead.MaskedLanguageModel, ModelHead.QuestionAnswering];
        foreach (var configuration in configurations)
        {
            foreach (var head in heads.Intersect(SupportedArchitectures.Of(configuration).Heads))
            {
                var graph = ModelGraph.Create(configuration, head, RowSet.Tokens);
                var stream = new MemoryStream();
                OnnxExport.Save(stream, graph, new FormulaParameters(), OnnxExport.OutputsOf(graph));
                yield return Stretched(stream.ToArray());
            }

            // A sentence encoder's file, in the newest operator set.
            var sentences = new MemoryStream();
            OnnxExport.Make(ModelGraph.Create(configuration, ModelHead.None), new FormulaParameters(), [], OnnxOptions.MaxOperatorSet,
                new SentenceOutput(SentencePooling.Mean, Normalize: true)).Save(sentences);
            yield return Stretched(sentences.ToArray());
        }
    }

    private static IEnumerable<byte[]> Styles()
    {
        foreach (var attention in Enum.GetValues<AttentionStyle>()) yield return Styled(new BertStyle { Attention = attention });
        foreach (var linear in Enum.GetValues<LinearStyle>()) yield return Styled(new BertStyle { Linear = linear });
        foreach (var norm in Enum.GetValues<NormStyle>())
            yield return Styled(new BertStyle { Norm = norm, Embedding = EmbeddingStyle.Range });
        yield return Styled(new BertStyle { Embedding = EmbeddingStyle.Fused, Gelu = GeluStyle.BiasGelu });
        yield return Styled(new BertStyle { Embedding = EmbeddingStyle.Quantized, OperatorSet = 11, Norm = NormStyle.Decomposed });
        yield return Styled(new BertStyle { Weights = WeightStyle.Float16 });
    }

    private static byte[] Styled(BertStyle style)
    {
        var stream = new MemoryStream();
        BertFile.Save(stream, SmallBert, new FormulaParameters(), style);
        return Stretched(stream.ToArray());
    }

    /// <summary>The graph, which is the last field of the file, with a length of five bytes.</summary>
    private static byte[] Stretched(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var tag = file[at];
            var (length, next) = Varint(file, at + 1);
            if (tag == GraphTag)
            {
                byte[] stretched = [.. file.AsSpan(0, at + 1), .. new byte[LengthBytes], .. file.AsSpan(next)];
                WriteLength(stretched, at + 1);
                return stretched;
            }

            at = (tag & 7) == 2 ? next + length : next;
        }

        throw new InvalidOperationException("the file has no graph");
    }

    /// <summary>Makes the graph end with the file.</summary>
    private static void Repair(byte[] bytes)
    {
        for (var at = 0; at + 1 + LengthBytes <= Math.Min(bytes.Length, 128); at++)
        {
            if (bytes[at] != GraphTag || bytes.AsSpan(at + 1, LengthBytes - 1).ContainsAnyInRange((byte)0, (byte)0x7F)) continue;
            WriteLength(bytes, at + 1);
            return;
        }
    }

    private static void WriteLength(byte[] bytes, int at)
    {
        var length = bytes.Length - at - LengthBytes;
        for (var i = 0; i < LengthBytes; i++) bytes[at + i] = (byte)(((length >> (7 * i)) & 0x7F) | (i + 1 < LengthBytes ? 0x80 : 0));
    }

    private static (int Value, int Next) Varint(byte[] bytes, int at)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            value |= (bytes[at] & 0x7F) << shift;
            if (bytes[at++] < 0x80) return (value, at);
        }
    }
}
