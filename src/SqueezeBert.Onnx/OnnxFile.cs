using System.Globalization;

namespace SqueezeBert.Onnx;

/// <summary>
/// A model in the making, as onnx.proto defines its file: operators in an order in which inputs come before their uses, constants, named
/// inputs and outputs.
/// </summary>
/// <param name="operatorSet">Version of the standard operators. LayerNormalization is one from 17 on.</param>
internal sealed class OnnxFile(int operatorSet = 17)
{
    private const int IrVersion = 8;
    private const int AttributeFloat = 1, AttributeInteger = 2, AttributeText = 3, AttributeTensor = 4, AttributeIntegers = 7;

    /// <summary>Elements from here on go to a file of their own, if there is one.</summary>
    private const int MinExternalBytes = 1024;

    private const string RuntimeDomain = "com.microsoft";
    private const int GraphField = 7, InitializerField = 5;
    private readonly ProtobufMessage _nodes = new();
    private readonly ProtobufMessage _ends = new();
    private readonly Dictionary<string, OnnxTensor> _constants = [];
    private int _values;

    /// <summary>An operator with one output; returns the output's name.</summary>
    /// <param name="operation">An operator of the standard set, or one of ONNX Runtime's behind its domain:
    /// "com.microsoft.BiasGelu".</param>
    /// <param name="inputs">Names of values; an empty one is an input that is left out.</param>
    /// <param name="attributes">Of long, float, string, long[] or a tensor.</param>
    public string Add(string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        AddNamed($"{operation}_{_values++}", operation, inputs, attributes);

    /// <inheritdoc cref="Add"/>
    public string AddNamed(string output, string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        AddNode(operation, inputs, [output], attributes);
        return output;
    }

    /// <summary>An operator with several outputs; returns their names.</summary>
    /// <inheritdoc cref="Add"/>
    public string[] AddMany(int outputs, string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        var names = new string[outputs];
        for (var i = 0; i < outputs; i++) names[i] = $"{operation}_{_values++}";
        AddNode(operation, inputs, names, attributes);
        return names;
    }

    /// <summary>A constant; one of the same name is the same.</summary>
    public string Constant(OnnxTensor tensor)
    {
        _constants.TryAdd(tensor.Name, tensor);
        return tensor.Name;
    }

    public string Integers(params long[] values) => Constant(OnnxTensor.OfIntegers($"integers_{string.Join('_', values)}", values));

    public string Scalar(float value) => Constant(OnnxTensor.OfScalar($"scalar_{BitConverter.SingleToUInt32Bits(value):x8}", value));

    /// <summary>Dimensions are numbers, or names of what may vary.</summary>
    public string Input(string name, int elementType, params object[] dimensions)
    {
        _ends.Message(11, ValueInfo(name, elementType, dimensions));
        return name;
    }

    public void Output(string name, int elementType, params object[] dimensions) =>
        _ends.Message(12, ValueInfo(name, elementType, dimensions));

    /// <summary>Writes the file; a constant at a time is in memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hasExternalData">Whether large constants go to a file beside it, with ".data" behind its name.</param>
    public void Save(string path, bool hasExternalData = false)
    {
        if (hasExternalData) SaveExternalData(path + ".data");
        using var stream = new BufferedStream(File.Create(path), 1 << 20);
        Save(stream);
    }

    public void Save(Stream stream)
    {
        var name = new ProtobufMessage().Text(2, "encoder");
        var graphSize = _nodes.Length + name.Length + _ends.Length
            + _constants.Values.Sum(tensor => ProtobufMessage.SizeOfLength(InitializerField, tensor.Size) + tensor.Size);
        new ProtobufMessage()
            .Integer(1, IrVersion)
            .Text(2, "SqueezeBert")
            .Message(8, new ProtobufMessage().Text(1, "").Integer(2, operatorSet))
            .Message(8, new ProtobufMessage().Text(1, RuntimeDomain).Integer(2, 1))
            .WriteTo(stream);
        ProtobufMessage.WriteLength(stream, GraphField, graphSize);
        _nodes.WriteTo(stream);
        name.WriteTo(stream);
        _ends.WriteTo(stream);
        foreach (var tensor in _constants.Values)
        {
            ProtobufMessage.WriteLength(stream, InitializerField, tensor.Size);
            tensor.WriteTo(stream);
        }
    }

    private void AddNode(string operation, IEnumerable<string> inputs, string[] outputs, (string Name, object Value)[] attributes)
    {
        var node = new ProtobufMessage();
        foreach (var input in inputs) node.Text(1, input);
        foreach (var output in outputs) node.Text(2, output);
        var isRuntime = operation.StartsWith(RuntimeDomain, StringComparison.Ordinal);
        node.Text(3, outputs[0]).Text(4, isRuntime ? operation[(RuntimeDomain.Length + 1)..] : operation);
        foreach (var (name, value) in attributes) node.Message(5, Attribute(name, value));
        if (isRuntime) node.Text(7, RuntimeDomain);
        _nodes.Message(1, node);
    }

    private void SaveExternalData(string path)
    {
        using var stream = File.Create(path);
        foreach (var tensor in _constants.Values.Where(tensor => tensor.ByteCount >= MinExternalBytes).ToList())
        {
            _constants[tensor.Name] = tensor with { Elsewhere = (Path.GetFileName(path), stream.Position) };
            stream.Write(tensor.Read());
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
                throw new NotSupportedException($"attribute {name} of {value.GetType().Name}");
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
