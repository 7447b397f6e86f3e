using SqueezeBert.ModelFolders.Onnx.Constants;

namespace SqueezeBert.ModelFolders.Onnx.Format;

/// <summary>The graph of an ONNX file as it is stored: operators in order, named constants, inputs and outputs.</summary>
internal sealed class OnnxGraph
{
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>The tensors of the file.</summary>
    public Dictionary<string, Constant> Initializers { get; } = new(StringComparer.Ordinal);

    public List<OnnxInput> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    /// <summary>The version of the standard operator set.</summary>
    public long OperatorSet { get; set; }
}

/// <summary>An input of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sizes">The sizes, outermost first; -1 for a dynamic size.</param>
internal sealed record OnnxInput(string Name, IReadOnlyList<long> Sizes);
