using System.Globalization;

namespace SqueezeBert.Onnx;

/// <summary>
/// A model in the making, as onnx.proto defines its file: operators in an order in which inputs come before their uses, constants, named
/// inputs and outputs.
/// </summary>
internal sealed class OnnxFile
{
    // LayerNormalization is an operator from set 17 on.
    private const int IrVersion = 8, OperatorSet = 17;
    private const int AttributeFloat = 1, AttributeInteger = 2, AttributeIntegers = 7;
    private const int GraphField = 7, InitializerField = 5;
    private readonly ProtobufMessage _nodes = new();
    private readonly ProtobufMessage _ends = new();
    private readonly Dictionary<string, OnnxTensor> _constants = [];
    private int _values;

    /// <summary>An operator with one output; returns the output's name.</summary>
    /// <param name="operation">An operator of the standard set.</param>
    /// <param name="inputs">Names of values.</param>
    /// <param name="attributes">Of long, float or long[].</param>
    public string Add(string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        AddNamed($"{operation}_{_values++}", operation, inputs, attributes);

    /// <inheritdoc cref="Add"/>
    public string AddNamed(string output, string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        var node = new ProtobufMessage();
        foreach (var input in inputs) node.Text(1, input);
        node.Text(2, output).Text(3, output).Text(4, operation);
        foreach (var (name, value) in attributes) node.Message(5, Attribute(name, value));
        _nodes.Message(1, node);
        return output;
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
    public void Save(string path)
    {
        var name = new ProtobufMessage().Text(2, "encoder");
        var graphSize = _nodes.Length + name.Length + _ends.Length
            + _constants.Values.Sum(tensor => ProtobufMessage.SizeOfLength(InitializerField, tensor.Size) + tensor.Size);
        using var stream = new BufferedStream(File.Create(path), 1 << 20);
        new ProtobufMessage()
            .Integer(1, IrVersion)
            .Text(2, "SqueezeBert")
            .Message(8, new ProtobufMessage().Text(1, "").Integer(2, OperatorSet))
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

    private static ProtobufMessage Attribute(string name, object value)
    {
        var attribute = new ProtobufMessage().Text(1, name);
        switch (value)
        {
            case float number:
                return attribute.Float(2, number).Integer(20, AttributeFloat);
            case long number:
                return attribute.Integer(3, number).Integer(20, AttributeInteger);
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
