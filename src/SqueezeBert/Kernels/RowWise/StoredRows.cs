using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Kernels.Lanes;

namespace SqueezeBert.Kernels.RowWise;

/// <summary>Converts elements of a stored row to numbers: 16 at a time, or one.</summary>
internal unsafe interface IStoredRow
{
    /// <summary>Whether there is a scale. An element is then the rounded product of the stored value and the scale.</summary>
    static abstract bool HasScale { get; }

    /// <summary>Elements <paramref name="column"/> to <paramref name="column"/> + 15; the column is a multiple of 16.</summary>
    static abstract TLanes Load<TLanes>(byte* row, nint column)
        where TLanes : struct, ILanes<TLanes>;

    static abstract float Element(byte* row, nint column);
}

/// <summary>A row of <see cref="StoredForm.Float32"/>.</summary>
internal readonly unsafe struct Float32Row : IStoredRow
{
    public static bool HasScale => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* row, nint column)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load((float*)row + column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Element(byte* row, nint column) => ((float*)row)[column];
}

/// <summary>A row of <see cref="StoredForm.Int8"/>.</summary>
internal readonly unsafe struct Int8Row : IStoredRow
{
    public static bool HasScale => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* row, nint column)
        where TLanes : struct, ILanes<TLanes> => TLanes.FromSBytes(Vector128.Load((sbyte*)row + column));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Element(byte* row, nint column) => ((sbyte*)row)[column];
}

/// <summary>A row of <see cref="StoredForm.Int4"/>.</summary>
internal readonly unsafe struct Int4Row : IStoredRow
{
    public static bool HasScale => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Load<TLanes>(byte* row, nint column)
        where TLanes : struct, ILanes<TLanes>
    {
        // The lower half of a byte goes into the lower byte of a word, the upper half into its upper byte.
        var words = Vector128.WidenLower(Vector128.CreateScalar(*(ulong*)(row + (column / 2))).AsByte());
        var bytes = (words & Vector128.Create((ushort)0x0f)) | ((words << 4) & Vector128.Create((ushort)0x0f00));
        return TLanes.FromSBytes(bytes.AsSByte() - Vector128.Create((sbyte)StoredForms.Int4Bias));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Element(byte* row, nint column) => ((row[column / 2] >> (int)(column % 2 * 4)) & 15) - StoredForms.Int4Bias;
}
