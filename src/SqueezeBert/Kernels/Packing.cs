namespace SqueezeBert.Kernels;

/// <summary>Copies between the layouts of matrices; all are exact.</summary>
internal static unsafe class Packing
{
    /// <summary>target[i·width + j] = source[i·kStride + j·nStride] for i below k and j below columns, zero for j from columns to width.</summary>
    public static void PackPanel(float* source, nint kStride, nint nStride, int k, int columns, float* target, int width)
    {
        for (int i = 0; i < k; i++)
        {
            float* from = source + (i * kStride);
            for (int j = 0; j < columns; j++)
                target[j] = from[j * nStride];
            for (int j = columns; j < width; j++)
                target[j] = 0f;
            target += width;
        }
    }
}
