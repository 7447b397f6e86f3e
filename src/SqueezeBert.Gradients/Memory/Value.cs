using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Memory;

/// <summary>What a node produces in a forward pass, and the gradient by it in the backward pass.</summary>
internal sealed unsafe class Value(Node node)
{
    public Node Node { get; } = node;

    public int Width => Node.Width;

    public RowSet Rows => Node.Rows;

    /// <summary>Operations that read the value, plus one if it is an output.</summary>
    public int Uses { get; set; }

    /// <summary>Whether something is trained that the value depends on, or its own gradient is asked for.</summary>
    public bool NeedsGradient { get; set; }

    /// <summary>Whether the gradient is to be read when the backward pass is over.</summary>
    public bool IsGradientKept { get; set; }

    /// <summary>Where the value stands; shared with the input of an operation that works in place.</summary>
    public Storage DataStorage { get; set; } = null!;

    /// <summary>
    /// Where the gradient stands; shared with the output of an operation that works in place, and reused once it has been read. Null where
    /// none is needed.
    /// </summary>
    public Storage? GradientStorage { get; set; }

    public float* Data => DataStorage.Data;

    public float* Gradient => GradientStorage!.Data;

    public float* DataRow(int row) => DataStorage.Data + ((long)row * Width);

    public float* GradientRow(int row) => GradientStorage!.Data + ((long)row * Width);
}
