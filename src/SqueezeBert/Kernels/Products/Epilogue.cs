using SqueezeBert.Checkpoints;

namespace SqueezeBert.Kernels.Products;

/// <summary>The operations on the sums of a product before they are written: activation(sum + bias) + residual.</summary>
internal readonly unsafe struct Epilogue
{
    /// <summary>The bias [columns of the result] from column 0, or null.</summary>
    public float* Bias { get; init; }

    public Activation Activation { get; init; }

    /// <summary>The residual [rows, columns] of the result from column 0, or none. It may be the result itself.</summary>
    public Matrix Residual { get; init; }
}
