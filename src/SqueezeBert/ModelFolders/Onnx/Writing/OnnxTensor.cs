using System.Globalization;
using System.Runtime.InteropServices;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>
/// A constant of an ONNX graph (TensorProto of onnx.proto). Its elements are created when they are written, because all weights together
/// are as large as the model.
/// </summary>
/// <param name="Name">The name, which is unique in the graph.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="ElementType">One of the constants of this class.</param>
/// <param name="Write">Writes the elements in row-major order, little-endian.</param>
internal sealed record OnnxTensor(string Name, long[] Shape, int ElementType, Action<Stream> Write)
{
    public const int Float = 1, UInt8 = 2, Int8 = 3, Int32 = 6, Int64 = 7, Bool = 9, Float16 = 10, BFloat16 = 16;
    private const int DimsField = 1, TypeField = 2, NameField = 8, RawDataField = 9, ExternalField = 13, LocationField = 14, External = 1;

    /// <summary>
    /// The file and the offset of the elements if they are in a separate file. Null if they are in the file of the model.
    /// </summary>
    public (string File, long Start)? Elsewhere { get; init; }

    /// <summary>The number of bytes of the message.</summary>
    public long Size => Header().Length + (Elsewhere is null ? ProtobufMessage.SizeOfLength(RawDataField, ByteCount) + ByteCount : 0);

    /// <summary>The number of bytes of the elements.</summary>
    public long ByteCount => Shape.Aggregate(SizeOf(ElementType), (product, size) => product * size);

    public static OnnxTensor OfBytes(string name, long[] shape, int elementType, Func<byte[]> read) =>
        new(name, shape, elementType, stream => stream.Write(read()));

    public static OnnxTensor OfIntegers(string name, long[] values) =>
        new(name, [values.Length], Int64, stream => stream.Write(MemoryMarshal.AsBytes<long>(values)));

    public static OnnxTensor OfScalar(string name, float value) =>
        new(name, [], Float, stream => stream.Write(MemoryMarshal.AsBytes<float>([value])));

    /// <summary>Creates a constant for a parameter, in the shape of the checkpoint. Row numbers are 64-bit integers.</summary>
    public static OnnxTensor Of(Parameter parameter, IParameterSource source)
    {
        var isInteger = parameter.Kind == ParameterKind.RowNumber;
        return new OnnxTensor(parameter.Name, [.. parameter.Shape.Select(size => (long)size)], isInteger ? Int64 : Float, stream =>
        {
            var values = new float[parameter.Length];
            source.Read(parameter, values);
            if (isInteger) stream.Write(MemoryMarshal.AsBytes<long>(Array.ConvertAll(values, value => (long)value)));
            else stream.Write(MemoryMarshal.AsBytes<float>(values));
        });
    }

    public void WriteTo(Stream stream)
    {
        Header().WriteTo(stream);
        if (Elsewhere is not null) return;
        ProtobufMessage.WriteLength(stream, RawDataField, ByteCount);
        Write(stream);
    }

    public ProtobufMessage ToMessage()
    {
        var elements = new MemoryStream();
        Write(elements);
        return Header().Bytes(RawDataField, elements.GetBuffer().AsSpan(0, (int)elements.Length));
    }

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
}
