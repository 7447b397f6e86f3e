using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Safetensors;

namespace SqueezeBert.ModelFolders.Onnx.Format;

/// <summary>
/// Reads the messages of onnx.proto that describe a graph: ModelProto, GraphProto, NodeProto, AttributeProto and ValueInfoProto. Unknown
/// fields are skipped.
/// </summary>
internal static class OnnxGraphReader
{
    private const int MaxNodes = 100_000;
    private const int MaxNames = 1000;
    private const int MaxAttributes = 64;
    private const int MaxNumbers = 1 << 16;
    private const int MaxTextBytes = 1 << 14;
    private const int MaxInputs = 64;
    private const int MaxSizes = 16;

    /// <param name="source">The file.</param>
    /// <param name="constants">Receives the tensors of the file.</param>
    public static OnnxGraph Read(ByteSource source, ConstantPool constants)
    {
        var graph = new OnnxGraph();
        var found = false;
        for (var model = ProtobufReader.Open(source); model.Next();)
        {
            switch (model.Field)
            {
                case 7 when found:
                    throw model.Error("has two graphs");
                case 7:
                    found = true;
                    ReadGraph(model.Message(), graph, constants);
                    break;
                case 8:
                    ReadOperatorSet(model.Message(), graph);
                    break;
            }
        }

        return found ? graph : throw new InvalidModelFileException(source.Name, null, "is not an ONNX file: it has no graph");
    }

    private static void ReadOperatorSet(ProtobufReader message, OnnxGraph graph)
    {
        var domain = "";
        long version = 0;
        while (message.Next())
        {
            if (message.Field == 1) domain = message.Text(MaxTextBytes);
            else if (message.Field == 2) version = message.Integer();
        }

        if (domain is "" or "ai.onnx") graph.OperatorSet = version;
    }

    private static void ReadGraph(ProtobufReader message, OnnxGraph graph, ConstantPool constants)
    {
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    if (graph.Nodes.Count >= MaxNodes) throw message.Error($"has more than {MaxNodes} nodes");
                    graph.Nodes.Add(ReadNode(message.Message(), constants));
                    break;
                case 5:
                    if (graph.Initializers.Count >= SafetensorsHeader.MaxTensors)
                        throw message.Error($"has more than {SafetensorsHeader.MaxTensors} tensors");
                    var (name, tensor) = OnnxTensorReader.Read(message.Message(), constants);
                    if (!graph.Initializers.TryAdd(name, tensor)) throw message.Error($"has the tensor '{name}' twice");
                    break;
                case 11:
                    if (graph.Inputs.Count >= SafetensorsHeader.MaxTensors) throw message.Error("has too many inputs");
                    graph.Inputs.Add(ReadInput(message.Message()));
                    break;
                case 12:
                    if (graph.Outputs.Count >= MaxNames) throw message.Error($"has more than {MaxNames} outputs");
                    graph.Outputs.Add(ReadInput(message.Message()).Name);
                    break;
                case 15:
                    throw message.Error("has sparse tensors, which are not supported");
            }
        }

        // Old files list every tensor as an input too.
        graph.Inputs.RemoveAll(input => graph.Initializers.ContainsKey(input.Name));
        if (graph.Inputs.Count > MaxInputs) throw message.Error($"has more than {MaxInputs} inputs");
    }

    private static OnnxNode ReadNode(ProtobufReader message, ConstantPool constants)
    {
        var node = new OnnxNode();
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    AddName(node.Inputs, message);
                    break;
                case 2:
                    AddName(node.Outputs, message);
                    break;
                case 3:
                    node.Name = message.Text(MaxTextBytes);
                    break;
                case 4:
                    node.Operation = message.Text(MaxTextBytes);
                    break;
                case 5:
                    if (!node.HasAttributes) node.Attributes = [];
                    if (node.Attributes.Count >= MaxAttributes)
                        throw message.Error($"has a node with more than {MaxAttributes} attributes");
                    var attribute = ReadAttribute(message.Message(), constants);
                    node.Attributes[attribute.Name] = attribute;
                    break;
                case 7:
                    node.Domain = message.Text(MaxTextBytes);
                    break;
            }
        }

        return node.Operation.Length > 0 ? node : throw message.Error("has a node without an operator");
    }

    private static void AddName(List<string> names, ProtobufReader message)
    {
        if (names.Count >= MaxNames) throw message.Error($"has a node with more than {MaxNames} inputs or outputs");
        names.Add(message.Text(MaxTextBytes));
    }

    private static OnnxAttribute ReadAttribute(ProtobufReader message, ConstantPool constants)
    {
        var attribute = new OnnxAttribute("");
        List<long>? integers = null;
        List<float>? singles = null;
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    attribute = attribute with { Name = message.Text(MaxTextBytes) };
                    break;
                case 2:
                    attribute.Single = message.Single();
                    break;
                case 3:
                    attribute.Integer = message.Integer();
                    break;
                case 4 when message.Range().Length <= MaxTextBytes:
                    attribute.Text = message.Text(MaxTextBytes);
                    break;
                case 5:
                    attribute.Tensor = OnnxTensorReader.Read(message.Message(), constants).Tensor;
                    break;
                case 7:
                    message.AddSingles(singles ??= [], MaxNumbers);
                    break;
                case 8:
                    message.AddIntegers(integers ??= [], MaxNumbers);
                    break;
            }
        }

        attribute.Integers = integers?.ToArray();
        attribute.Singles = singles?.ToArray();
        return attribute;
    }

    private static OnnxInput ReadInput(ProtobufReader message)
    {
        var name = "";
        var sizes = new List<long>();
        while (message.Next())
        {
            if (message.Field == 1) name = message.Text(MaxTextBytes);
            else if (message.Field == 2) ReadType(message.Message(), sizes);
        }

        return new OnnxInput(name, sizes);
    }

    private static void ReadType(ProtobufReader type, List<long> sizes)
    {
        while (type.Next())
        {
            if (type.Field != 1) continue;
            for (var tensor = type.Message(); tensor.Next();)
            {
                if (tensor.Field != 2) continue;
                for (var shape = tensor.Message(); shape.Next();)
                {
                    if (shape.Field != 1) continue;
                    if (sizes.Count >= MaxSizes) throw shape.Error($"has an input of more than {MaxSizes} dimensions");
                    long size = -1;
                    for (var dimension = shape.Message(); dimension.Next();)
                        if (dimension.Field == 1) size = dimension.Integer();
                    sizes.Add(size > 0 ? size : -1);
                }
            }
        }
    }
}
