using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference;

/// <summary>The weight of a linear layer, as one product [in / groups, out / groups] per group, and its bias [out] or null.</summary>
internal sealed unsafe class PackedLinear(PackedProduct[] groups, float* bias, int inputs, int outputs)
{
    public PackedProduct[] Groups { get; } = groups;

    public float* Bias { get; } = bias;

    public int InputsPerGroup { get; } = inputs / groups.Length;

    public int OutputsPerGroup { get; } = outputs / groups.Length;

    public int Inputs { get; } = inputs;

    public int Outputs { get; } = outputs;

    /// <summary>The format of the input rows. Each group is a separate slice.</summary>
    public RowFormat InputFormat => Groups[0].InputFormat;

    /// <summary>Whether a product may overwrite its residual at full speed.</summary>
    public bool CanOverwriteResidual => Groups[0].CanOverwriteResidual;

    /// <summary>The number of panels of all groups. Every group has the same number.</summary>
    public int PanelCount => Groups.Length * Groups[0].PanelCount;

    /// <summary>Returns the input channels of a group.</summary>
    public EncodedRows InputOf(int group, EncodedRows input) => input.Skip((nint)group * InputFormat.ByteCount(InputsPerGroup));

    /// <summary>Returns the output channels of a group.</summary>
    public Matrix OutputOf(int group, Matrix output) => output.TakeColumns(group * OutputsPerGroup, OutputsPerGroup);

    /// <summary>Returns the bias of a group's outputs, or null.</summary>
    public float* BiasOf(int group) => Bias is null ? null : Bias + (group * OutputsPerGroup);
}
