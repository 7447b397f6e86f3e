using System.Globalization;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>
/// A model that is being built for a file of onnx.proto: operators in an order in which inputs precede their uses, constants, and named
/// inputs and outputs.
/// </summary>
/// <param name="operatorSet">The version of the standard operator set, which determines how operators take their axes.</param>
internal sealed class OnnxFile(int operatorSet)
{
    /// <summary>The suffix of the file with external data.</summary>
    public const string DataSuffix = ".data";

    private const int AttributeFloat = 1, AttributeInteger = 2, AttributeText = 3, AttributeTensor = 4, AttributeIntegers = 7;

    /// <summary>The smallest number of bytes of a constant that is stored in external data.</summary>
    private const int MinExternalBytes = 1024;

    /// <summary>The alignment of tensors in external data, so that a reader can map each of them into memory.</summary>
    private const int ExternalAlignment = 4096;

    private const string RuntimeDomain = "com.microsoft";
    private const int GraphField = 7, InitializerField = 5, NodeField = 1, ValueField = 13;
    private readonly List<OnnxOperator> _nodes = [];
    private readonly ProtobufMessage _ends = new();
    private readonly Dictionary<string, OnnxTensor> _constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int ElementType, object[] Dimensions)> _described = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private int _values;

    public int OperatorSet { get; } = operatorSet;

    /// <summary>Whether the axes of Squeeze, Unsqueeze and ReduceSum are inputs, as from this version on, instead of attributes.</summary>
    public bool HasAxesAsInputs => OperatorSet >= 13;

    /// <summary>Whether the axes of the other reductions are inputs.</summary>
    public bool HasReductionAxesAsInputs => OperatorSet >= 18;

    private sealed record OnnxOperator(
        string Operation, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, (string Name, object Value)[] Attributes);

    /// <summary>Adds an operator with one output and returns the name of the output.</summary>
    /// <param name="operation">An operator of the standard set, or one of ONNX Runtime with its domain: "com.microsoft.BiasGelu".</param>
    /// <param name="inputs">The names of the inputs. An empty name is an omitted input.</param>
    /// <param name="attributes">The attributes, of type long, float, string, long[] or a tensor.</param>
    public string Add(string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        AddNamed($"{operation}_{_values++}", operation, inputs, attributes);

    /// <inheritdoc cref="Add"/>
    public string AddNamed(string output, string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        _nodes.Add(new OnnxOperator(operation, [.. inputs], [output], attributes));
        return output;
    }

    /// <summary>Adds an operator with several outputs and returns their names.</summary>
    /// <inheritdoc cref="Add"/>
    public string[] AddMany(int outputs, string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        var names = new string[outputs];
        for (var i = 0; i < outputs; i++) names[i] = $"{operation}_{_values++}";
        _nodes.Add(new OnnxOperator(operation, [.. inputs], names, attributes));
        return names;
    }

    /// <summary>Adds a constant. A second constant with the same name is the same.</summary>
    public string Constant(OnnxTensor tensor)
    {
        _constants.TryAdd(tensor.Name, tensor);
        return tensor.Name;
    }

    public string Integers(params long[] values) => Constant(OnnxTensor.OfIntegers($"integers_{string.Join('_', values)}", values));

    /// <summary>Adds an integer without dimensions. As an index, it removes an axis.</summary>
    public string Index(long value) => Constant(OnnxTensor.OfIntegers($"index_{value}", [value]) with { Shape = [] });

    public string Scalar(float value) => Constant(OnnxTensor.OfScalar($"scalar_{BitConverter.SingleToUInt32Bits(value):x8}", value));

    /// <summary>Adds an input. Dimensions are numbers, or names of dynamic sizes.</summary>
    public string Input(string name, int elementType, params object[] dimensions)
    {
        _ends.Message(11, ValueInfo(name, elementType, dimensions));
        return name;
    }

    /// <summary>Describes the sizes of a node's output if they cannot be inferred.</summary>
    public void Describe(string value, int elementType, params object[] dimensions) =>
        _described.TryAdd(value, (elementType, dimensions));

    /// <summary>Declares an output with the name of a node's output.</summary>
    public void Output(string name, int elementType, params object[] dimensions) =>
        _ends.Message(12, ValueInfo(name, elementType, dimensions));

    /// <summary>Makes a value an output under another name. A value that is already an output is copied.</summary>
    public void Output(string name, string value, int elementType, params object[] dimensions)
    {
        if (!_renamed.TryAdd(value, name)) AddNamed(name, "Identity", [value]);
        Output(name, elementType, dimensions);
    }

    /// <summary>
    /// Writes the file as a whole and replaces an existing one. Only one constant at a time is in memory. If the file would be larger than
    /// <paramref name="maxBytes"/>, its large constants are stored in a second file, whose name has ".data" appended.
    /// </summary>
    public void Save(string path, long maxBytes, CancellationToken cancellationToken = default)
    {
        var isExternal = Size() > maxBytes;
        if (isExternal) AtomicFile.Write(path + DataSuffix, stream => SaveExternalData(stream, path + DataSuffix, cancellationToken));
        AtomicFile.Write(path, stream => Save(stream, cancellationToken));
    }

    /// <summary>Writes the content of a file that contains all constants.</summary>
    public void Save(Stream stream, CancellationToken cancellationToken = default)
    {
        var (nodes, name) = (Nodes(), new ProtobufMessage().Text(2, "encoder"));
        Header().WriteTo(stream);
        ProtobufMessage.WriteLength(stream, GraphField, GraphSize(nodes, name));
        nodes.WriteTo(stream);
        name.WriteTo(stream);
        _ends.WriteTo(stream);
        foreach (var tensor in _constants.Values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ProtobufMessage.WriteLength(stream, InitializerField, tensor.Size);
            tensor.WriteTo(stream);
        }
    }

    private long Size()
    {
        var size = GraphSize(Nodes(), new ProtobufMessage().Text(2, "encoder"));
        return Header().Length + ProtobufMessage.SizeOfLength(GraphField, size) + size;
    }

    private long GraphSize(ProtobufMessage nodes, ProtobufMessage name) => nodes.Length + name.Length + _ends.Length
        + _constants.Values.Sum(tensor => ProtobufMessage.SizeOfLength(InitializerField, tensor.Size) + tensor.Size);

    /// <summary>
    /// Returns the header. The version of the file format is as old as the operators allow, so that old readers accept it.
    /// </summary>
    private ProtobufMessage Header()
    {
        var header = new ProtobufMessage()
            .Integer(1, OperatorSet < 15 ? 7 : OperatorSet < 19 ? 8 : 9)
            .Text(2, "SqueezeBert")
            .Message(8, new ProtobufMessage().Text(1, "").Integer(2, OperatorSet));
        return _nodes.Exists(IsRuntime) ? header.Message(8, new ProtobufMessage().Text(1, RuntimeDomain).Integer(2, 1)) : header;
    }

    private static bool IsRuntime(OnnxOperator node) => node.Operation.StartsWith(RuntimeDomain, StringComparison.Ordinal);

    private ProtobufMessage Nodes()
    {
        var all = new ProtobufMessage();
        foreach (var node in _nodes)
        {
            var message = new ProtobufMessage();
            foreach (var input in node.Inputs) message.Text(1, _renamed.GetValueOrDefault(input, input));
            foreach (var output in node.Outputs) message.Text(2, _renamed.GetValueOrDefault(output, output));
            var isRuntime = IsRuntime(node);
            message.Text(3, node.Outputs[0]).Text(4, isRuntime ? node.Operation[(RuntimeDomain.Length + 1)..] : node.Operation);
            foreach (var (name, value) in node.Attributes) message.Message(5, Attribute(name, value));
            if (isRuntime) message.Text(7, RuntimeDomain);
            all.Message(NodeField, message);
        }

        foreach (var (name, (elementType, dimensions)) in _described)
        {
            // Outputs have said theirs.
            if (!_renamed.ContainsKey(name)) all.Message(ValueField, ValueInfo(name, elementType, dimensions));
        }

        return all;
    }

    private void SaveExternalData(Stream stream, string path, CancellationToken cancellationToken)
    {
        foreach (var tensor in _constants.Values.Where(tensor => tensor.ByteCount >= MinExternalBytes).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var padding = (ExternalAlignment - (stream.Position % ExternalAlignment)) % ExternalAlignment;
            stream.Write(new byte[padding]);
            _constants[tensor.Name] = tensor with { Elsewhere = (Path.GetFileName(path), stream.Position) };
            tensor.Write(stream);
        }
    }

    private static ProtobufMessage Attribute(string name, object value)
    {
        var attribute = new ProtobufMessage().Text(1, name);
        switch (value)
        {
            case float number:
                return attribute.Float(2, number).Integer(20, AttributeFloat);
            case long number:
                return attribute.Integer(3, number).Integer(20, AttributeInteger);
            case string text:
                return attribute.Text(4, text).Integer(20, AttributeText);
            case OnnxTensor tensor:
                return attribute.Message(5, tensor.ToMessage()).Integer(20, AttributeTensor);
            case long[] numbers:
                foreach (var number in numbers) attribute.Integer(8, number);
                return attribute.Integer(20, AttributeIntegers);
            default:
                throw new ArgumentException($"attribute {name} cannot be a {value.GetType().Name}", nameof(value));
        }
    }

    private static ProtobufMessage ValueInfo(string name, int elementType, object[] dimensions)
    {
        var shape = new ProtobufMessage();
        foreach (var dimension in dimensions)
            shape.Message(1, dimension is string variable ? new ProtobufMessage().Text(2, variable)
                : new ProtobufMessage().Integer(1, Convert.ToInt64(dimension, CultureInfo.InvariantCulture)));
        var tensor = new ProtobufMessage().Integer(1, elementType).Message(2, shape);
        return new ProtobufMessage().Text(1, name).Message(2, new ProtobufMessage().Message(1, tensor));
    }
}
