using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference;

/// <summary>
/// A value of a plan with the shape [rows of <see cref="Rows"/>, <see cref="Width"/>] in some format. A local value exists only while a
/// block of rows is computed in its segment, in the scratch memory of the worker. A global value has all rows.
/// </summary>
/// <param name="width">The number of elements of a row.</param>
/// <param name="rows">The row set.</param>
/// <param name="format">The memory format of a row. Null means float32.</param>
/// <param name="slices">The number of parts of a row that are encoded separately.</param>
internal sealed class PlanValue(int width, RowSet rows, RowFormat? format = null, int slices = 1)
{
    public int Width { get; } = width;

    public RowSet Rows { get; } = rows;

    public RowFormat Format { get; } = format ?? RowFormat.Float32;

    public int Slices { get; } = slices;

    public int SliceWidth => Width / Slices;

    public int SliceByteCount { get; } = (format ?? RowFormat.Float32).ByteCount(width / slices);

    /// <summary>The number of bytes from one row to the next.</summary>
    public int RowByteCount => Slices * SliceByteCount;

    /// <summary>Whether the value is written and read inside one segment only.</summary>
    public bool IsLocal { get; set; }

    /// <summary>Whether the value is kept until the end of the run.</summary>
    public bool IsOutput { get; set; }

    /// <summary>The index of the global buffer, or the offset of a local value in bytes per row of a block.</summary>
    public int Place { get; set; } = -1;
}
