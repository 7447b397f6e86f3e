using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Memory;

/// <summary>Memory that one or several values share: [rows, width] of a row set, placed anew for each batch.</summary>
internal sealed unsafe class Storage(RowSet rows, int width)
{
    public RowSet Rows { get; } = rows;

    public int Width { get; } = width;

    public float* Data { get; set; }
}

/// <summary>What a node produces in training: its value, and the gradient of the loss by it.</summary>
internal sealed unsafe class Value(Node node)
{
    public Node Node { get; } = node;

    public int Width => Node.Width;

    public RowSet Rows => Node.Rows;

    /// <summary>Operations that read the value, plus one if it is the output.</summary>
    public int Uses { get; set; }

    /// <summary>Where the value stands; shared with the input of an operation that works in place.</summary>
    public Storage DataStorage { get; set; } = null!;

    /// <summary>
    /// Where the gradient stands; shared with the output of an operation that works in place, and reused once it has been read.
    /// </summary>
    public Storage GradientStorage { get; set; } = null!;

    public float* Data => DataStorage.Data;

    public float* Gradient => GradientStorage.Data;

    public float* DataRow(int row) => DataStorage.Data + ((long)row * Width);

    public float* GradientRow(int row) => GradientStorage.Data + ((long)row * Width);
}
