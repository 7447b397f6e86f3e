using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Inference;

/// <summary>
/// A value of a plan: [rows of <see cref="Rows"/>, <see cref="Width"/>]. A local one lives only while a block of rows is carried
/// through its segment, in the worker's scratch memory; a global one holds all rows.
/// </summary>
internal sealed class PlanValue(int width, RowSet rows)
{
    public int Width { get; } = width;

    public RowSet Rows { get; } = rows;

    /// <summary>Written and read inside one segment only.</summary>
    public bool IsLocal { get; set; }

    /// <summary>Kept until the end of the run.</summary>
    public bool IsOutput { get; set; }

    /// <summary>Index of the global buffer, or offset of a local value in floats per row of a block.</summary>
    public int Place { get; set; } = -1;
}
