using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Tests.ModelFolders;

public class ElementConversionTests
{
    private static readonly ushort[] All = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];

    /// <summary>All but the last three go through vectors. A quiet NaN and a signalling one are both NaN.</summary>
    [Fact]
    public void EveryFloat16BecomesItsFloat32()
    {
        var floats = Convert(TensorType.Float16, All.AsSpan(0, All.Length - 5));
        for (var i = 0; i < floats.Length; i++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf(All[i]);
            if (float.IsNaN(expected)) Assert.True(float.IsNaN(floats[i]));
            else Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(floats[i]));
        }
    }

    [Fact]
    public void EveryBFloat16BecomesItsFloat32()
    {
        var floats = Convert(TensorType.BFloat16, All.AsSpan(0, All.Length - 5));
        for (var i = 0; i < floats.Length; i++) Assert.Equal((uint)All[i] << 16, BitConverter.SingleToUInt32Bits(floats[i]));
    }

    private static float[] Convert(TensorType type, ReadOnlySpan<ushort> bits)
    {
        var floats = new float[bits.Length];
        ElementConversion.ToFloats(type, MemoryMarshal.AsBytes(bits), floats);
        return floats;
    }
}
