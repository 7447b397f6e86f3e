using System.Runtime.InteropServices;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Onnx;

/// <summary>
/// A constant of an ONNX graph (TensorProto of onnx.proto): its elements are made when they are written, since all weights together are as
/// large as the model.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="ElementType">FLOAT or INT64.</param>
/// <param name="Read">The elements in row-major order, little-endian.</param>
internal sealed record OnnxTensor(string Name, long[] Shape, int ElementType, Func<byte[]> Read)
{
    public const int Float = 1, Int64 = 7;
    private const int DimsField = 1, TypeField = 2, NameField = 8, RawDataField = 9;

    /// <summary>Bytes of the message.</summary>
    public long Size => Header().Length + ProtobufMessage.SizeOfLength(RawDataField, ByteCount) + ByteCount;

    private long ByteCount => Shape.Aggregate(ElementType == Float ? 4L : 8L, (product, size) => product * size);

    public static OnnxTensor OfIntegers(string name, long[] values) =>
        new(name, [values.Length], Int64, () => MemoryMarshal.AsBytes<long>(values).ToArray());

    public static OnnxTensor OfScalar(string name, float value) => new(name, [], Float, () => BitConverter.GetBytes(value));

    /// <summary>A parameter in the shape of the checkpoint.</summary>
    public static OnnxTensor Of(string name, Parameter parameter, IParameterSource source) =>
        new(name, [.. parameter.Shape.Select(size => (long)size)], Float,
            () => MemoryMarshal.AsBytes<float>(Values(parameter, source)).ToArray());

    /// <summary>A matrix [out, in] as [in, out].</summary>
    public static OnnxTensor Transposed(string name, Parameter parameter, IParameterSource source) =>
        new(name, [parameter.Columns, parameter.Rows], Float, () =>
    {
        var values = Values(parameter, source);
        var turned = new float[values.Length];
        for (var i = 0; i < parameter.Rows; i++)
        {
            for (var j = 0; j < parameter.Columns; j++) turned[(j * parameter.Rows) + i] = values[(i * parameter.Columns) + j];
        }

        return MemoryMarshal.AsBytes<float>(turned).ToArray();
    });

    public void WriteTo(Stream stream)
    {
        Header().WriteTo(stream);
        ProtobufMessage.WriteLength(stream, RawDataField, ByteCount);
        stream.Write(Read());
    }

    private ProtobufMessage Header()
    {
        var header = new ProtobufMessage();
        foreach (var size in Shape) header.Integer(DimsField, size);
        return header.Integer(TypeField, ElementType).Text(NameField, Name);
    }

    private static float[] Values(Parameter parameter, IParameterSource source)
    {
        var values = new float[parameter.Length];
        source.Read(parameter, values);
        return values;
    }
}
