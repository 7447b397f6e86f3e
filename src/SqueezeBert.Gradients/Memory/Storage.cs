using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Memory;

/// <summary>Memory that one or several values share: [rows, width] of a row set. Its place is determined for each batch.</summary>
internal sealed unsafe class Storage(RowSet rows, int width)
{
    public RowSet Rows { get; } = rows;

    public int Width { get; } = width;

    public float* Data { get; set; }
}
