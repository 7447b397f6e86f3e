using SqueezeBert.Kernels.Search;

namespace SqueezeBert.Retrieval;

/// <summary>Vectors in one precision: rows one behind the other, and of int8 then their scales.</summary>
/// <param name="Precision">How they are stored.</param>
/// <param name="RowBytes">Of a row, up to where the next may start.</param>
/// <param name="Offset">Of the first row in the file.</param>
/// <param name="ScalesOffset">Of the first scale; 0 where there is none.</param>
/// <param name="End">Behind the last byte.</param>
internal sealed record VectorSection(VectorPrecision Precision, int RowBytes, long Offset, long ScalesOffset, long End)
{
    /// <summary>Where sections and their parts start.</summary>
    public const int Alignment = 64;

    /// <summary>Components of a row, the last of which may be zeros that fill it.</summary>
    public int Width => Precision switch
    {
        VectorPrecision.Float32 => RowBytes / sizeof(float),
        VectorPrecision.Int8 => RowBytes,
        _ => RowBytes * 8,
    };

    /// <summary>The section of so many vectors that starts at the next place behind an offset.</summary>
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

    /// <summary>The next multiple.</summary>
    public static long Align(long value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
