namespace SqueezeBert.Kernels;

/// <summary>How the rows of a matrix or table are stored.</summary>
internal enum StoredForm
{
    /// <summary>float32.</summary>
    Float32,

    /// <summary>Signed bytes, with one scale per row.</summary>
    Int8,

    /// <summary>
    /// 4-bit integers. A little-endian 32-bit word contains eight elements, the first in its lowest bits. Each is 8 larger than the number
    /// it represents. A row consists of whole words and has one scale.
    /// </summary>
    Int4,
}

/// <summary>Sizes of stored rows.</summary>
internal static class StoredForms
{
    /// <summary>The difference between an element of <see cref="StoredForm.Int4"/> and the number it represents.</summary>
    public const int Int4Bias = 8;

    /// <summary>The number of elements in a word of <see cref="StoredForm.Int4"/>.</summary>
    public const int Int4PerWord = 8;

    /// <summary>Returns the number of bytes of a row, without its scale.</summary>
    public static long RowBytes(StoredForm form, int columns) => form switch
    {
        StoredForm.Float32 => (long)columns * sizeof(float),
        StoredForm.Int8 => columns,
        _ => ((long)columns + Int4PerWord - 1) / Int4PerWord * sizeof(uint),
    };

    /// <summary>An element of a row in <see cref="StoredForm.Int4"/>.</summary>
    public static int Int4At(ReadOnlySpan<byte> row, int column) => ((row[column / 2] >> (column % 2 * 4)) & 15) - Int4Bias;
}
