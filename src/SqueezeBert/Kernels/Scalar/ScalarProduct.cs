using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Kernels.Scalar;

/// <summary>One element of a product: its chain of fused multiply-adds, and what follows it.</summary>
internal static unsafe class ScalarProduct
{
    /// <summary>activation(sum + bias) + residual for one element.</summary>
    public static float Finish(float sum, int row, int column, in Epilogue epilogue)
    {
        if (epilogue.Bias is not null)
            sum += epilogue.Bias[column];
        sum = ScalarActivations.Apply(epilogue.Activation, sum);
        return epilogue.Residual.IsNone ? sum : sum + epilogue.Residual.Row(row)[column];
    }

    /// <summary>sum + Σₖ a[k·aStride]·b[k·bStride].</summary>
    public static float Chain(float sum, float* a, nint aStride, float* b, nint bStride, nint k)
    {
        for (nint i = 0; i < k; i++)
            sum = ScalarMath.MultiplyAdd(a[i * aStride], b[i * bStride], sum);
        return sum;
    }
}
