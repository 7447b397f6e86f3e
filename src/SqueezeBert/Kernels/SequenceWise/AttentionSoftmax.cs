using System.Runtime.CompilerServices;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Kernels.Scalar;
using static SqueezeBert.Kernels.Lanes.Coefficients;

namespace SqueezeBert.Kernels.SequenceWise;

/// <summary>
/// The operations between and after the two products of attention. The softmax's division by the sum is done at the end, because the output
/// of a head has fewer elements than its weights. Weights are powers of two of scores, which are multiplied by log₂e together with their
/// scale. They are at least 2 to the power of <see cref="WeightMinimum"/>.
/// </summary>
internal static unsafe class AttentionSoftmax
{
    /// <summary>x = exp(scale·x - scale·max) for each row, and almost zero in the rest of the row up to the stride.</summary>
    /// <param name="set">The instruction set.</param>
    /// <param name="x">[queries, keys]; the stride is a multiple of 16, so that there are no tails.</param>
    /// <param name="scale">The scale, above zero.</param>
    /// <param name="sums">[queries]: receives the sum of each row.</param>
    public static void Exponentials(InstructionSet set, Matrix x, float scale, float* sums)
    {
        // Read from memory, since the compiler would not keep constants in registers, and reading each of them for each vector is what
        // would limit the loop.
        var constants = stackalloc float[] { RoundingBias, WeightMinimum, P0, P1, P2, P3, P4, P5 };
        InstructionSets.Run(set, new ExponentialsKernel(x, scale * Log2E, sums, constants));
    }

    /// <summary>x[i][j] /= sums[i].</summary>
    public static void Normalize(InstructionSet set, Matrix x, float* sums) => InstructionSets.Run(set, new NormalizeKernel(x, sums));

    [MethodImpl(LeafKernel.Compilation)]
    private static void Exponentials<TLanes>(Matrix matrix, float scale, float* sums, float* constants)
        where TLanes : struct, ILanes<TLanes>
    {
        var x = matrix.Data;
        var stride = matrix.Stride;
        int rows = matrix.Rows, columns = matrix.Columns;
        TLanes factor = TLanes.Create(scale), bias = TLanes.Create(constants[0]), minimum = TLanes.Create(constants[1]),
            one = TLanes.Create(1f);
        TLanes p0 = TLanes.Create(constants[2]), p1 = TLanes.Create(constants[3]), p2 = TLanes.Create(constants[4]);
        TLanes p3 = TLanes.Create(constants[5]), p4 = TLanes.Create(constants[6]), p5 = TLanes.Create(constants[7]);
        var limit = LaneTail.Limit<TLanes>(columns % LaneTail.Lanes);
        var whole = x + (columns - (columns % LaneTail.Lanes));
        for (var row = 0; row < rows; row++)
        {
            // Keys that do not exist: a score of -∞.
            TLanes maximum = TLanes.Create(float.NegativeInfinity), other = maximum;
            if (columns % LaneTail.Lanes != 0)
            {
                maximum = TLanes.Min(limit, TLanes.Load(whole));
                TLanes.Store(maximum, whole);
            }

            var i = x;
            for (; i + LaneTail.Lanes < whole; i += 2 * LaneTail.Lanes)
            {
                maximum = TLanes.Max(maximum, TLanes.Load(i));
                other = TLanes.Max(other, TLanes.Load(i + LaneTail.Lanes));
            }

            if (i < whole)
                maximum = TLanes.Max(maximum, TLanes.Load(i));
            maximum = TLanes.Create(TLanes.Largest(TLanes.Max(maximum, other)) * -scale);

            var sum = TLanes.Create(0f);
            var end = x + stride;
            for (i = x; i < end; i += LaneTail.Lanes)
            {
                var power = TLanes.Max(minimum, TLanes.MultiplyAdd(TLanes.Load(i), factor, maximum));
                var shifted = power + bias;
                var exponent = shifted - bias;
                TLanes f = power - exponent, square = f * f;

                // Estrin's scheme: what limits this loop is how long one vector takes, not how many operations.
                TLanes low = TLanes.MultiplyAdd(p1, f, p0), middle = TLanes.MultiplyAdd(p3, f, p2), high = TLanes.MultiplyAdd(p5, f, p4);
                var p = TLanes.MultiplyAdd(TLanes.MultiplyAdd(high, square, middle), square, low);
                p = TLanes.ScaleNormal(TLanes.MultiplyAdd(p, f, one), shifted, exponent);
                TLanes.Store(p, i);
                sum += p;
            }

            sums[row] = TLanes.Fold(sum);
            whole += stride;
            x = end;
        }
    }

    [MethodImpl(LeafKernel.Compilation)]
    private static void Normalize<TLanes>(Matrix matrix, float* sums)
        where TLanes : struct, ILanes<TLanes>
    {
        var x = matrix.Data;
        var stride = matrix.Stride;
        int rows = matrix.Rows, columns = matrix.Columns;
        int whole = columns - (columns % LaneTail.Lanes), rest = columns - whole;
        for (var row = 0; row < rows; row++)
        {
            var divisor = TLanes.Create(sums[row]);
            for (var i = 0; i < whole; i += LaneTail.Lanes)
                TLanes.Store(TLanes.Load(x + i) / divisor, x + i);
            if (rest > 0)
                TLanes.StorePartial(TLanes.LoadPartial(x + whole, rest, 1f) / divisor, x + whole, rest);
            x += stride;
        }
    }

    private readonly struct ExponentialsKernel(Matrix x, float power, float* sums, float* constants) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Exponentials<TLanes>(x, power, sums, constants);

        public void RunScalar()
        {
            for (var i = 0; i < x.Rows; i++)
                sums[i] = ScalarAttention.Exponentials(x.Row(i), x.Columns, power);
        }
    }

    private readonly struct NormalizeKernel(Matrix x, float* sums) : IKernel
    {
        public void Run<TLanes>()
            where TLanes : struct, ILanes<TLanes> => Normalize<TLanes>(x, sums);

        public void RunScalar()
        {
            for (var i = 0; i < x.Rows; i++)
            {
                for (var j = 0; j < x.Columns; j++)
                    x.Row(i)[j] /= sums[i];
            }
        }
    }
}
