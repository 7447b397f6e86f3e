using SqueezeBert.ModelFolders.Onnx.Constants;

namespace SqueezeBert.ModelFolders.Onnx.Format;

/// <summary>The graph of an ONNX file as it is stored: operators in order, constants by name, inputs and outputs.</summary>
internal sealed class OnnxGraph
{
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>The file's tensors.</summary>
    public Dictionary<string, Constant> Initializers { get; } = new(StringComparer.Ordinal);

    public List<OnnxInput> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    /// <summary>Version of the standard operators.</summary>
    public long OperatorSet { get; set; }
}

/// <summary>An input of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sizes">Outermost first; -1 where a size is free.</param>
internal sealed record OnnxInput(string Name, IReadOnlyList<long> Sizes);
