using SqueezeBert.ModelFolders.Onnx.Constants;

namespace SqueezeBert.ModelFolders.Onnx.Format;

/// <summary>One use of an operator.</summary>
internal sealed class OnnxNode
{
    private static readonly Dictionary<string, OnnxAttribute> NoAttributes = [];

    /// <summary>The name of the node, which may be empty.</summary>
    public string Name { get; set; } = "";

    public string Operation { get; set; } = "";

    /// <summary>The domain of the operator: empty for the standard operators, "com.microsoft" for those of ONNX Runtime.</summary>
    public string Domain { get; set; } = "";

    /// <summary>The names of the inputs. An empty name is an omitted input.</summary>
    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public Dictionary<string, OnnxAttribute> Attributes { get; set; } = NoAttributes;

    public bool HasAttributes => !ReferenceEquals(Attributes, NoAttributes);

    public bool IsStandard => Domain is "" or "ai.onnx";

    /// <summary>Describes the node for messages: "operator 'Add' (node 'x')".</summary>
    public override string ToString()
    {
        var operation = IsStandard ? Operation : $"{Domain}.{Operation}";
        return Name.Length > 0 ? $"operator '{operation}' (node '{Name}')"
            : Outputs.Count > 0 ? $"operator '{operation}' (the node that makes '{Outputs[0]}')"
            : $"operator '{operation}'";
    }

    public long Integer(string name, long missing) =>
        Attributes.TryGetValue(name, out var attribute) && attribute.Integer is { } value ? value : missing;

    public float Single(string name, float missing) =>
        Attributes.TryGetValue(name, out var attribute) && attribute.Single is { } value ? value : missing;

    public string? Text(string name) => Attributes.TryGetValue(name, out var attribute) ? attribute.Text : null;

    public long[]? Integers(string name) => Attributes.TryGetValue(name, out var attribute) ? attribute.Integers : null;
}

/// <summary>A constant argument of an operator. The members of other types are null.</summary>
internal sealed record OnnxAttribute(string Name)
{
    public long? Integer { get; set; }

    public float? Single { get; set; }

    public string? Text { get; set; }

    public long[]? Integers { get; set; }

    public float[]? Singles { get; set; }

    public Constant? Tensor { get; set; }
}
