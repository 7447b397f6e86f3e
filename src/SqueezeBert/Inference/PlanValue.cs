using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference;

/// <summary>
/// A value of a plan: [rows of <see cref="Rows"/>, <see cref="Width"/>] in some format. A local one lives only while a block of rows is
/// carried through its segment, in the worker's scratch memory; a global one holds all rows.
/// </summary>
/// <param name="width">Elements of a row.</param>
/// <param name="rows">Which rows.</param>
/// <param name="format">How a row lies in memory; null for float32.</param>
/// <param name="slices">Parts of a row that are encoded each on its own.</param>
internal sealed class PlanValue(int width, RowSet rows, RowFormat? format = null, int slices = 1)
{
    public int Width { get; } = width;

    public RowSet Rows { get; } = rows;

    public RowFormat Format { get; } = format ?? RowFormat.Float32;

    public int Slices { get; } = slices;

    public int SliceWidth => Width / Slices;

    public int SliceByteCount { get; } = (format ?? RowFormat.Float32).ByteCount(width / slices);

    /// <summary>Bytes from a row to the next.</summary>
    public int RowByteCount => Slices * SliceByteCount;

    /// <summary>Written and read inside one segment only.</summary>
    public bool IsLocal { get; set; }

    /// <summary>Kept until the end of the run.</summary>
    public bool IsOutput { get; set; }

    /// <summary>Index of the global buffer, or offset of a local value in bytes per row of a block.</summary>
    public int Place { get; set; } = -1;
}
