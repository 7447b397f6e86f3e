namespace SqueezeBert.Kernels.Search;

/// <summary>A vector that is compared with many in int8.</summary>
/// <param name="bytes">[width], in -127..127.</param>
/// <param name="words">The same numbers as words, for machines that multiply words.</param>
/// <param name="width">Components, up to a multiple of <see cref="Int8Dots.RowMultiple"/> with zeros.</param>
/// <param name="sum">Of the components.</param>
internal readonly unsafe struct Int8Query(sbyte* bytes, short* words, int width, int sum)
{
    public readonly sbyte* Bytes = bytes;
    public readonly short* Words = words;
    public readonly int Width = width;
    public readonly int Sum = sum;
}
