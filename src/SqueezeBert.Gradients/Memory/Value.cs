using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Memory;

/// <summary>The result of a node in a forward pass, and its gradient in the backward pass.</summary>
internal sealed unsafe class Value(Node node)
{
    public Node Node { get; } = node;

    public int Width => Node.Width;

    public RowSet Rows => Node.Rows;

    /// <summary>The number of operations that read the value, plus one if it is an output.</summary>
    public int Uses { get; set; }

    /// <summary>Whether the value depends on trained parameters, or its own gradient is requested.</summary>
    public bool NeedsGradient { get; set; }

    /// <summary>Whether the gradient is read after the backward pass.</summary>
    public bool IsGradientKept { get; set; }

    /// <summary>The memory of the value. It is shared with the input of an operation that works in place.</summary>
    public Storage DataStorage { get; set; } = null!;

    /// <summary>
    /// The memory of the gradient. It is shared with the output of an operation that works in place, and reused after it has been read.
    /// Null if no gradient is needed.
    /// </summary>
    public Storage? GradientStorage { get; set; }

    public float* Data => DataStorage.Data;

    public float* Gradient => GradientStorage!.Data;

    public float* DataRow(int row) => DataStorage.Data + ((long)row * Width);

    public float* GradientRow(int row) => GradientStorage!.Data + ((long)row * Width);
}
