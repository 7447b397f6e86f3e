using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Kernels.Backward;

/// <summary>
/// The backward passes of <see cref="RowWise.LayerNorm"/> and <see cref="RowWise.NoNorm"/>. Every product and sum is rounded.
/// </summary>
internal static unsafe class NormBackward
{
    /// <summary>
    /// For each row, with x̂ = (x - mean)·inverseDeviation and g = dy·weight: dx = (g - Σg/width - x̂·(Σg·x̂/width))·inverseDeviation;
    /// dweight += dy·x̂ and dbias += dy, row after row.
    /// </summary>
    /// <param name="x">[rows, width].</param>
    /// <param name="dy">[rows, width].</param>
    /// <param name="weight">[width].</param>
    /// <param name="mean">[rows].</param>
    /// <param name="inverseDeviation">[rows].</param>
    /// <param name="dx">[rows, width]; may be dy.</param>
    /// <param name="accumulate">Whether to add to dx.</param>
    /// <param name="dweight">[width].</param>
    /// <param name="dbias">[width].</param>
    public static void LayerNorm(
        Matrix x, Matrix dy, float* weight, float* mean, float* inverseDeviation, Matrix dx, bool accumulate, float* dweight,
        float* dbias) =>
        LayerNorm(InstructionSets.Selected, x, dy, weight, mean, inverseDeviation, dx, accumulate, dweight, dbias);

    /// <inheritdoc cref="LayerNorm(Matrix, Matrix, float*, float*, float*, Matrix, bool, float*, float*)"/>
    public static void LayerNorm(
        InstructionSet set, Matrix x, Matrix dy, float* weight, float* mean, float* inverseDeviation, Matrix dx, bool accumulate,
        float* dweight, float* dbias) =>
        InstructionSets.Run(set, new LayerNormKernel(x, dy, weight, mean, inverseDeviation, dx, accumulate, dweight, dbias));

    /// <summary>For each row: dx = dy·weight, added to dx if <paramref name="accumulate"/>; dweight += dy·x and dbias += dy.</summary>
    public static void NoNorm(Matrix x, Matrix dy, float* weight, Matrix dx, bool accumulate, float* dweight, float* dbias) =>
        NoNorm(InstructionSets.Selected, x, dy, weight, dx, accumulate, dweight, dbias);

    /// <inheritdoc cref="NoNorm(Matrix, Matrix, float*, Matrix, bool, float*, float*)"/>
    public static void NoNorm(
        InstructionSet set, Matrix x, Matrix dy, float* weight, Matrix dx, bool accumulate, float* dweight, float* dbias) =>
        InstructionSets.Run(set, new NoNormKernel(x, dy, weight, dx, accumulate, dweight, dbias));

    [MethodImpl(LeafKernel.Compilation)]
    private static void LayerNormRows<TLanes>(
        Matrix input, Matrix gradients, float* weight, float* mean, float* inverseDeviation, Matrix target, bool accumulate, float* dweight,
        float* dbias)
        where TLanes : struct, ILanes<TLanes>
    {
        float* x = input.Data, dy = gradients.Data, dx = target.Data;
        int rows = input.Rows, width = input.Columns;
        int whole = width - (width % LaneTail.Lanes), rest = width - whole;
        for (var row = 0; row < rows; row++)
        {
            TLanes centre = TLanes.Create(mean[row]), inverse = TLanes.Create(inverseDeviation[row]);
            TLanes sum = TLanes.Create(0f), products = TLanes.Create(0f);
            for (var i = 0; i < whole; i += LaneTail.Lanes)
            {
                TLanes gradient = TLanes.Load(dy + i), normed = (TLanes.Load(x + i) - centre) * inverse,
                    g = gradient * TLanes.Load(weight + i);
                TLanes.Store(TLanes.Load(dweight + i) + (gradient * normed), dweight + i);
                TLanes.Store(TLanes.Load(dbias + i) + gradient, dbias + i);
                sum += g;
                products += g * normed;
            }

            // Missing elements have a gradient of zero.
            TLanes lastNormed = TLanes.Create(0f), lastGradient = lastNormed;
            if (rest > 0)
            {
                var gradient = TLanes.LoadPartial(dy + whole, rest, 0f);
                lastNormed = (TLanes.LoadPartial(x + whole, rest, mean[row]) - centre) * inverse;
                lastGradient = gradient * TLanes.LoadPartial(weight + whole, rest, 0f);
                TLanes.StorePartial(TLanes.LoadPartial(dweight + whole, rest, 0f) + (gradient * lastNormed), dweight + whole, rest);
                TLanes.StorePartial(TLanes.LoadPartial(dbias + whole, rest, 0f) + gradient, dbias + whole, rest);
                sum += lastGradient;
                products += lastGradient * lastNormed;
            }

            TLanes average = TLanes.Create(TLanes.Fold(sum) / width), slope = TLanes.Create(TLanes.Fold(products) / width);
            for (var i = 0; i < whole; i += LaneTail.Lanes)
            {
                TLanes normed = (TLanes.Load(x + i) - centre) * inverse, g = TLanes.Load(dy + i) * TLanes.Load(weight + i);
                var result = (g - average - (normed * slope)) * inverse;
                if (accumulate)
                    result = TLanes.Load(dx + i) + result;
                TLanes.Store(result, dx + i);
            }

            if (rest > 0)
            {
                var result = (lastGradient - average - (lastNormed * slope)) * inverse;
                if (accumulate)
                    result = TLanes.LoadPartial(dx + whole, rest, 0f) + result;
                TLanes.StorePartial(result, dx + whole, rest);
            }

            x += input.Stride;
            dy += gradients.Stride;
            dx += target.Stride;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void NoNormRows<TLanes>(
        Matrix input, Matrix gradients, float* weight, Matrix target, bool accumulate, float* dweight, float* dbias)
        where TLanes : struct, ILanes<TLanes>
    {
        float* x = input.Data, dy = gradients.Data, dx = target.Data;
        int rows = input.Rows, width = input.Columns;
        for (var row = 0; row < rows; row++)
        {
            var i = 0;
            for (; i <= width - LaneTail.Lanes; i += LaneTail.Lanes)
            {
                TLanes gradient = TLanes.Load(dy + i), result = gradient * TLanes.Load(weight + i);
                TLanes.Store(TLanes.Load(dweight + i) + (gradient * TLanes.Load(x + i)), dweight + i);
                TLanes.Store(TLanes.Load(dbias + i) + gradient, dbias + i);
                if (accumulate)
                    result = TLanes.Load(dx + i) + result;
                TLanes.Store(result, dx + i);
            }

            for (; i < width; i++)
            {
                float gradient = dy[i], result = gradient * weight[i];
                dweight[i] += gradient * x[i];
                dbias[i] += gradient;
                dx[i] = accumulate ? dx[i] + result : result;
            }

            x += input.Stride;
            dy += gradients.Stride;
            dx += target.Stride;
        }
    }

    private readonly struct LayerNormKernel(
        Matrix x, Matrix dy, float* weight, float* mean, float* inverseDeviation, Matrix dx, bool accumulate, float* dweight, float* dbias)
        : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> =>
            LayerNormRows<TLanes>(x, dy, weight, mean, inverseDeviation, dx, accumulate, dweight, dbias);

        public void RunScalar() => ScalarNorms.LayerNormBackward(x, dy, weight, mean, inverseDeviation, dx, accumulate, dweight, dbias);
    }

    private readonly struct NoNormKernel(
        Matrix x, Matrix dy, float* weight, Matrix dx, bool accumulate, float* dweight, float* dbias) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => NoNormRows<TLanes>(x, dy, weight, dx, accumulate, dweight, dbias);

        public void RunScalar() => ScalarNorms.NoNormBackward(x, dy, weight, dx, accumulate, dweight, dbias);
    }
}
