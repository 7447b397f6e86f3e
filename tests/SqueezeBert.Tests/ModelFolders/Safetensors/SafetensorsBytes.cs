using System.Buffers.Binary;
using System.Text;

namespace SqueezeBert.Tests.ModelFolders.Safetensors;

/// <summary>Safetensors files from their parts, right or wrong.</summary>
internal static class SafetensorsBytes
{
    public static byte[] File(string header, int dataLength) => File(Encoding.UTF8.GetBytes(header), dataLength);

    public static byte[] File(byte[] header, int dataLength)
    {
        var bytes = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, 8);
        return bytes;
    }

    public static string Tensor(string name, string type, string shape, string offsets) =>
        $$"""
        "{{name}}":{"dtype":"{{type}}","shape":[{{shape}}],"data_offsets":[{{offsets}}]}
        """;
}
