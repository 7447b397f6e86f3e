using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SqueezeBert.Gradients.Tests;

/// <summary>A fixture's tensors, read plainly (not the library's reader).</summary>
internal sealed class TensorFile
{
    private readonly byte[] _bytes;
    private readonly Dictionary<string, (int Start, int End)> _ranges = [];

    public TensorFile(string path)
    {
        _bytes = File.ReadAllBytes(path);
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        using var json = JsonDocument.Parse(_bytes.AsMemory(8, header));
        foreach (var entry in json.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            var offsets = entry.Value.GetProperty("data_offsets");
            _ranges.Add(entry.Name, (8 + header + offsets[0].GetInt32(), 8 + header + offsets[1].GetInt32()));
        }
    }

    public static string Fixture(string path) => Path.Combine(AppContext.BaseDirectory, "Fixtures", path);

    public IEnumerable<string> Names => _ranges.Keys;

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();

    public long[] Integers(string name) => MemoryMarshal.Cast<byte, long>(Bytes(name)).ToArray();

    private ReadOnlySpan<byte> Bytes(string name) => _bytes.AsSpan(_ranges[name].Start.._ranges[name].End);
}
