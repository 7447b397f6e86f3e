namespace SqueezeBert.Kernels;

/// <summary>How the rows of a matrix or table are stored.</summary>
internal enum StoredForm
{
    /// <summary>float32.</summary>
    Float32,

    /// <summary>Signed bytes, with one scale a row.</summary>
    Int8,

    /// <summary>
    /// Eight elements in a little-endian word of 32 bits, the first in its lowest bits, each 8 more than the number it stands for; whole
    /// words, with one scale a row.
    /// </summary>
    Int4,
}

/// <summary>Sizes of stored rows.</summary>
internal static class StoredForms
{
    /// <summary>What an element of <see cref="StoredForm.Int4"/> is more than its number.</summary>
    public const int Int4Bias = 8;

    /// <summary>Elements that a word of <see cref="StoredForm.Int4"/> holds.</summary>
    public const int Int4PerWord = 8;

    /// <summary>Bytes of a row without its scale.</summary>
    public static long RowBytes(StoredForm form, int columns) => form switch
    {
        StoredForm.Float32 => (long)columns * sizeof(float),
        StoredForm.Int8 => columns,
        _ => ((long)columns + Int4PerWord - 1) / Int4PerWord * sizeof(uint),
    };

    /// <summary>An element of a row in <see cref="StoredForm.Int4"/>.</summary>
    public static int Int4At(ReadOnlySpan<byte> row, int column) => ((row[column / 2] >> (column % 2 * 4)) & 15) - Int4Bias;
}
