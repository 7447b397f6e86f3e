using SqueezeBert.Kernels.Search;

namespace SqueezeBert.Retrieval;

/// <summary>The vectors in one number format: consecutive rows, followed by the scales of int8.</summary>
/// <param name="Precision">The number format.</param>
/// <param name="RowBytes">The number of bytes from one row to the next.</param>
/// <param name="Offset">The offset of the first row in the file.</param>
/// <param name="ScalesOffset">The offset of the first scale, or 0 if there are none.</param>
/// <param name="End">The offset after the last byte.</param>
internal sealed record VectorSection(VectorPrecision Precision, int RowBytes, long Offset, long ScalesOffset, long End)
{
    /// <summary>The alignment of sections and their parts.</summary>
    public const int Alignment = 64;

    /// <summary>The number of components of a row, including zeros for padding.</summary>
    public int Width => Precision switch
    {
        VectorPrecision.Float32 => RowBytes / sizeof(float),
        VectorPrecision.Int8 => RowBytes,
        _ => RowBytes * 8,
    };

    /// <summary>Returns the section of this many vectors that starts at the next aligned offset.</summary>
    public static VectorSection Behind(long offset, VectorPrecision precision, int dimensions, int count)
    {
        var start = Align(offset, Alignment);
        var bytes = precision switch
        {
            VectorPrecision.Float32 => (int)Align(dimensions, Float32Dots.RowMultiple) * sizeof(float),
            VectorPrecision.Int8 => (int)Align(dimensions, Int8Dots.RowMultiple),
            _ => (int)Align(dimensions, 64) / 8,
        };
        var end = start + ((long)count * bytes);
        if (precision != VectorPrecision.Int8) return new VectorSection(precision, bytes, start, 0, end);
        var scales = Align(end, Alignment);
        return new VectorSection(precision, bytes, start, scales, scales + ((long)count * sizeof(float)));
    }

    /// <summary>Rounds up to the next multiple.</summary>
    public static long Align(long value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
