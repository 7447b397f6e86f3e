using System.Runtime.Intrinsics;

namespace SqueezeBert.Training.Engine;

/// <summary>
/// Counter-based random numbers of dropout: whether an element is dropped depends on seed, step, site, example, position and channel alone, so it
/// depends neither on threads nor on how a batch is divided, and the backward pass asks again instead of remembering.
/// </summary>
/// <param name="Seed">The seed of the run.</param>
/// <param name="StepNumber">The optimizer step.</param>
/// <param name="FirstExample">The number of the batch's first text among the texts of the step.</param>
internal readonly record struct DropoutKey(ulong Seed, long StepNumber, int FirstExample)
{
    /// <summary>Finalizer of SplitMix64 (Steele, Lea and Flood, 2014): a bijection in which every input bit moves every output bit.</summary>
    public static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public static ulong Row(int example, int position) => Mix(((ulong)(uint)example << 32) | (uint)position);

    /// <summary>The key of a row (or a row of attention probabilities, <paramref name="part"/> being its head) at a dropout site.</summary>
    public ulong Site(int site, ulong row, int part = 0) => Mix(Mix(Mix(Seed ^ Mix((ulong)StepNumber)) ^ (((ulong)(uint)site << 32) | (uint)part)) ^ row);

    /// <summary>An element is dropped where its 32 random bits are below this.</summary>
    public static uint Threshold(float probability) => (uint)Math.Min(uint.MaxValue, Math.Round(probability * 4294967296.0));

    /// <summary>32 random bits for one element.</summary>
    public static uint Bits(ulong key, int index)
    {
        var x = (uint)key + ((uint)index * 0x9E3779B9u);
        x = (x ^ (x >> 16)) * 0x21F0AAADu;
        x ^= (uint)(key >> 32);
        x = (x ^ (x >> 15)) * 0x735A2D97u;
        return x ^ (x >> 15);
    }

    /// <summary><see cref="Bits(ulong, int)"/> of 16 elements, the first being number <paramref name="index"/>.</summary>
    public static Vector512<uint> Bits16(ulong key, int index)
    {
        var x = Vector512.Create((uint)key + ((uint)index * 0x9E3779B9u)) + (Vector512<uint>.Indices * Vector512.Create(0x9E3779B9u));
        x = (x ^ Vector512.ShiftRightLogical(x, 16)) * Vector512.Create(0x21F0AAADu);
        x ^= Vector512.Create((uint)(key >> 32));
        x = (x ^ Vector512.ShiftRightLogical(x, 15)) * Vector512.Create(0x735A2D97u);
        return x ^ Vector512.ShiftRightLogical(x, 15);
    }
}
