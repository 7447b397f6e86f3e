namespace SqueezeBert.Kernels.Search;

/// <summary>A vector in int8 that is compared with many rows.</summary>
/// <param name="bytes">[width], in -127..127.</param>
/// <param name="words">The same numbers as words, for processors that multiply words.</param>
/// <param name="width">The number of components, padded with zeros to a multiple of <see cref="Int8Dots.RowMultiple"/>.</param>
/// <param name="sum">The sum of the components.</param>
internal readonly unsafe struct Int8Query(sbyte* bytes, short* words, int width, int sum)
{
    public readonly sbyte* Bytes = bytes;
    public readonly short* Words = words;
    public readonly int Width = width;
    public readonly int Sum = sum;
}
