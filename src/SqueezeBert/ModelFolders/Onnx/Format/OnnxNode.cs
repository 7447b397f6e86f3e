using SqueezeBert.ModelFolders.Onnx.Constants;

namespace SqueezeBert.ModelFolders.Onnx.Format;

/// <summary>One use of an operator.</summary>
internal sealed class OnnxNode
{
    private static readonly Dictionary<string, OnnxAttribute> NoAttributes = [];

    /// <summary>May be empty.</summary>
    public string Name { get; set; } = "";

    public string Operation { get; set; } = "";

    /// <summary>Empty for the standard operators, "com.microsoft" for ONNX Runtime's.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Names of values; an empty name is an input that is left out.</summary>
    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public Dictionary<string, OnnxAttribute> Attributes { get; set; } = NoAttributes;

    public bool HasAttributes => !ReferenceEquals(Attributes, NoAttributes);

    public bool IsStandard => Domain is "" or "ai.onnx";

    /// <summary>For messages: "operator 'Add' (node 'x')".</summary>
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

/// <summary>A constant argument of an operator; what it is not is null.</summary>
internal sealed record OnnxAttribute(string Name)
{
    public long? Integer { get; set; }

    public float? Single { get; set; }

    public string? Text { get; set; }

    public long[]? Integers { get; set; }

    public float[]? Singles { get; set; }

    public Constant? Tensor { get; set; }
}
