using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Kernels.SequenceWise;

namespace SqueezeBert.Benchmarks.Kernels;

/// <summary>
/// The kernels of a pass in the sizes of SqueezeBERT-base: 768 channels in 4 groups, 12 heads, 3,072 channels in the middle.
/// </summary>
internal static unsafe class KernelCases
{
    private const int Hidden = 768, Groups = 4, Heads = 12, Middle = 3072;

    /// <summary>Every kernel for blocks of that many rows (tokens).</summary>
    public static IReadOnlyList<KernelCase> Of(int rows) =>
    [
        Product("query, a group", rows, Hidden / Groups, Hidden / Groups, Hidden, Activation.None),
        Product("post-attention", rows, Hidden, Hidden, Hidden, Activation.None),
        Product("feed-forward up + GELU, a group", rows, Hidden / Groups, Middle / Groups, Hidden, Activation.Gelu),
        Product("feed-forward up, a group", rows, Hidden / Groups, Middle / Groups, Hidden, Activation.None),
        Product("feed-forward down, a group", rows, Middle / Groups, Hidden / Groups, Middle / Groups, Activation.None),
        AttentionOf(rows),
        Norm(rows),
        Gelu(rows),
        SoftmaxOf(rows),
        Convolution(rows, 3),
        Convolution(rows, 7),
    ];

    /// <summary>
    /// [rows, k] times a packed [k, n], with bias; rows of the left matrix are <paramref name="stride"/> elements apart, as in the model.
    /// </summary>
    private static KernelCase Product(string name, int rows, int k, int n, int stride, Activation activation) =>
        new($"{name}: {rows} x {k} x {n}", 2L * rows * k * n, (long)rows * n, () =>
    {
        var b = new PackedMatrix(k, n);
        b.Pack(Values(k * n), n, 1);
        float* a = Values(rows * stride), c = Values(rows * n), bias = Values(n);
        return () => MatrixMultiply.Packed(
            new(a, stride, rows, k), b, new(c, rows, n), new Epilogue { Bias = bias, Activation = activation });
    });

    private static KernelCase AttentionOf(int tokens) =>
        new($"attention, {tokens} tokens, 12 heads", 4L * tokens * tokens * Hidden, (long)tokens * Hidden, () =>
    {
        float* q = Values(tokens * Hidden), k = Values(tokens * Hidden), v = Values(tokens * Hidden), output = Values(tokens * Hidden);
        const int Width = Hidden / Heads;
        var workspace = Values(Attention.WorkspaceSize(tokens, tokens, Width));
        var scale = 1 / MathF.Sqrt(Width);
        return () => Attention.Forward(
            new(q, tokens, Hidden), new(k, tokens, Hidden), new(v, tokens, Hidden), new(output, tokens, Hidden), Heads, scale, workspace,
            null, null);
    });

    private static KernelCase Norm(int rows) => new($"layer norm, {rows} rows", 0, (long)rows * Hidden, () =>
    {
        float* x = Values(rows * Hidden), y = Values(rows * Hidden), weight = Values(Hidden), bias = Values(Hidden);
        return () => LayerNorm.Forward(new(x, rows, Hidden), weight, bias, 1e-12f, new(y, rows, Hidden), null, null);
    });

    private static KernelCase Gelu(int rows) => new($"GELU, {rows} rows", 0, (long)rows * Middle, () =>
    {
        float* x = Values(rows * Middle), y = Values(rows * Middle);
        return () => Activations.Apply(Activation.Gelu, x, y, (nint)rows * Middle);
    });

    // In place: after the first call the rows are probabilities, which are as much work.
    private static KernelCase SoftmaxOf(int rows) => new($"softmax, {rows} rows of {rows}", 0, (long)rows * rows, () =>
    {
        var x = Values(rows * rows);
        return () => Softmax.Forward(new(x, rows, rows));
    });

    private static KernelCase Convolution(int rows, int kernel) =>
        new($"depthwise convolution of {kernel}, {rows} rows", 2L * kernel * rows * Hidden, (long)rows * Hidden, () =>
    {
        float* x = Values(rows * Hidden), y = Values(rows * Hidden), weight = Values(Hidden * kernel), bias = Values(Hidden);
        var positions = (int*)Values(rows);
        for (var i = 0; i < rows; i++) positions[i] = i;
        return () => DepthwiseConvolution.Forward(new(x, rows, Hidden), positions, weight, bias, new(y, rows, Hidden), kernel);
    });

    private static float* Values(int count)
    {
        var values = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        var random = new Random(count);
        for (var i = 0; i < count; i++) values[i] = (random.NextSingle() * 2) - 1;
        return values;
    }
}
