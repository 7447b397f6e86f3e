namespace SqueezeBert.Gradients.Memory;

/// <summary>Working memory that grows and is kept; the collector does not move it, so pointers to it stay good until it grows.</summary>
internal sealed unsafe class PinnedScratch
{
    private float[] _memory = [];

    /// <summary>At least <paramref name="count"/> floats of undefined content.</summary>
    public float* Reserve(long count)
    {
        if (_memory.Length < count) _memory = GC.AllocateUninitializedArray<float>(checked((int)(count + (count / 4) + 16)), pinned: true);
        return (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(
            ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(_memory));
    }
}
