using System.Runtime.InteropServices;

namespace SqueezeBert.Tests.Kernels;

/// <summary>Floats at an address that is aligned to nothing but a float, between zones in which a kernel must not write.</summary>
internal sealed unsafe class GuardedBuffer : IDisposable
{
    private const int Zone = 80;
    private const int Guard = 0x7fa5a5a5; // A NaN, so that reading a guard shows as well.
    private readonly int* _memory;
    private readonly int _length;
    private readonly int _offset;

    public GuardedBuffer(int length, int misalignment = 0)
    {
        _length = length;
        _offset = Zone + misalignment;
        _memory = (int*)NativeMemory.AlignedAlloc((nuint)((length + (2 * Zone) + misalignment) * sizeof(float)), 64);
        new Span<int>(_memory, length + (2 * Zone) + misalignment).Fill(Guard);
    }

    public float* Pointer => (float*)(_memory + _offset);

    public Span<float> Span => new(Pointer, _length);

    /// <summary>A buffer with numbers of both signs around 1, some of them zeros.</summary>
    public static GuardedBuffer Random(Random random, int length, float scale = 1f)
    {
        GuardedBuffer buffer = new(length, random.Next(16));
        foreach (ref var x in buffer.Span)
            x = random.Next(40) == 0 ? 0f : scale * (float)((random.NextDouble() * 2) - 1);
        return buffer;
    }

    public GuardedBuffer Copy()
    {
        GuardedBuffer copy = new(_length, _offset - Zone);
        Span.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>
    /// Fails unless the guards are untouched and the contents have the bits of those of another buffer; all NaNs are one.
    /// </summary>
    public void AssertSame(GuardedBuffer expected, string what)
    {
        AssertGuards(what);
        Assert.Equal(expected._length, _length);
        for (var i = 0; i < _length; i++)
        {
            float x = expected.Span[i], y = Span[i];
            if (BitConverter.SingleToInt32Bits(x) != BitConverter.SingleToInt32Bits(y) && !(float.IsNaN(x) && float.IsNaN(y)))
                Assert.Fail($"{what}: element {i} of {_length} is {y:G9} instead of {x:G9}.");
        }
    }

    public void AssertGuards(string what)
    {
        foreach (var x in new ReadOnlySpan<int>(_memory, _offset))
            Assert.True(x == Guard, $"{what}: wrote before the buffer.");
        foreach (var x in new ReadOnlySpan<int>(_memory + _offset + _length, Zone))
            Assert.True(x == Guard, $"{what}: wrote behind the buffer.");
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
