using System.Globalization;
using System.Runtime.InteropServices;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Onnx;

/// <summary>
/// A constant of an ONNX graph (TensorProto of onnx.proto): its elements are made when they are written, since all weights together are as
/// large as the model.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="ElementType">A constant of this class.</param>
/// <param name="Read">The elements in row-major order, little-endian.</param>
internal sealed record OnnxTensor(string Name, long[] Shape, int ElementType, Func<byte[]> Read)
{
    public const int Float = 1, UInt8 = 2, Int8 = 3, Int32 = 6, Int64 = 7, Bool = 9, Float16 = 10, BFloat16 = 16;
    private const int DimsField = 1, TypeField = 2, NameField = 8, RawDataField = 9, ExternalField = 13, LocationField = 14, External = 1;

    /// <summary>Where the elements are, if they are in a file of their own beside the model's; null: in the model's file.</summary>
    public (string File, long Start)? Elsewhere { get; init; }

    /// <summary>Bytes of the message.</summary>
    public long Size => Header().Length + (Elsewhere is null ? ProtobufMessage.SizeOfLength(RawDataField, ByteCount) + ByteCount : 0);

    /// <summary>Bytes of the elements.</summary>
    public long ByteCount => Shape.Aggregate(SizeOf(ElementType), (product, size) => product * size);

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
        if (Elsewhere is not null) return;
        ProtobufMessage.WriteLength(stream, RawDataField, ByteCount);
        stream.Write(Read());
    }

    public ProtobufMessage ToMessage() => Header().Bytes(RawDataField, Read());

    private ProtobufMessage Header()
    {
        var header = new ProtobufMessage();
        foreach (var size in Shape) header.Integer(DimsField, size);
        header.Integer(TypeField, ElementType).Text(NameField, Name);
        if (Elsewhere is not { } place) return header;
        foreach (var (key, value) in (ReadOnlySpan<(string, object)>)[("location", place.File), ("offset", place.Start),
            ("length", ByteCount)])
            header.Message(ExternalField, new ProtobufMessage().Text(1, key)
                .Text(2, string.Create(CultureInfo.InvariantCulture, $"{value}")));
        return header.Integer(LocationField, External);
    }

    private static long SizeOf(int elementType) => elementType switch
    {
        UInt8 or Int8 or Bool => 1,
        Float16 or BFloat16 => 2,
        Float or Int32 => 4,
        _ => 8,
    };

    private static float[] Values(Parameter parameter, IParameterSource source)
    {
        var values = new float[parameter.Length];
        source.Read(parameter, values);
        return values;
    }
}
