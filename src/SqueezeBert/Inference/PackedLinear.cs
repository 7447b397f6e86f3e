using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference;

/// <summary>A linear layer's weight, one product with [in / groups, out / groups] a group, and its bias [out] or null.</summary>
internal sealed unsafe class PackedLinear(PackedProduct[] groups, float* bias, int inputs, int outputs)
{
    public PackedProduct[] Groups { get; } = groups;

    public float* Bias { get; } = bias;

    public int InputsPerGroup { get; } = inputs / groups.Length;

    public int OutputsPerGroup { get; } = outputs / groups.Length;

    public int Inputs { get; } = inputs;

    public int Outputs { get; } = outputs;

    /// <summary>How rows of the input must lie in memory; each group is a slice of its own.</summary>
    public RowFormat InputFormat => Groups[0].InputFormat;

    /// <summary>Whether a product may take the place of its residual at full speed.</summary>
    public bool CanOverwriteResidual => Groups[0].CanOverwriteResidual;

    /// <summary>Panels of all groups; every group has as many.</summary>
    public int PanelCount => Groups.Length * Groups[0].PanelCount;

    /// <summary>The channels of the input that a group sees.</summary>
    public EncodedRows InputOf(int group, EncodedRows input) => input.Skip((nint)group * InputFormat.ByteCount(InputsPerGroup));

    /// <summary>The channels of the output that a group gives.</summary>
    public Matrix OutputOf(int group, Matrix output) => output.TakeColumns(group * OutputsPerGroup, OutputsPerGroup);

    /// <summary>The bias of a group's outputs, or null.</summary>
    public float* BiasOf(int group) => Bias is null ? null : Bias + (group * OutputsPerGroup);
}
