using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests.Losses;

/// <summary>A loss against its formula in float64, its gradient against differences of that.</summary>
internal static unsafe class LossCheck
{
    private const double Step = 1e-5;

    private const double Normaliser = 37;

    /// <param name="loss">The loss.</param>
    /// <param name="output">[rows, width].</param>
    /// <param name="rows">Of the output.</param>
    /// <param name="labels">Or null.</param>
    /// <param name="teacher">[rows, teacher's width], or null.</param>
    /// <param name="weight">What the mean divides by.</param>
    /// <param name="formula">The sum of the loss over all rows.</param>
    public static void Run(
        Loss loss, float[] output, int rows, LabelBatch? labels, float[]? teacher, double weight, Func<double[][], double> formula)
    {
        var width = output.Length / rows;
        var exact = Rows(output, rows);
        fixed (float* x = output, t = teacher)
        {
            using var pool = new WorkerPool(2);
            using var one = new WorkerPool(1);
            var target = new LossTarget(labels, teacher is null ? default : new NativeRows(t, rows, teacher.Length / rows));
            Assert.Equal(weight, loss.Weight(target, rows, width), 1e-6);
            var sum = loss.Compute(new LossRows(x, rows, width), target, pool);
            var expected = formula(exact);
            Assert.Equal(expected, sum.Sum, 2e-6 * Math.Max(rows * width, Math.Abs(expected)));
            Assert.Equal((weight, rows), (sum.Weight, sum.Rows));
            Assert.Equal(sum, loss.Compute(new LossRows(x, rows, width), target, one));

            var gradient = Gradient(x, accumulate: false, pool);
            Assert.Equal(gradient, Gradient(x, accumulate: false, one));
            var added = Gradient(x, accumulate: true, pool);
            for (var i = 0; i < added.Length; i++) Assert.Equal(gradient[i] + (0.5f * i), added[i], 1e-6f * i);
            Compare(gradient, exact, formula);

            // In place last: the output is gone then.
            Assert.Equal(sum, loss.Compute(new LossRows(x, rows, width, x, false, Normaliser), target, pool));
            Assert.Equal(gradient, output);

            float[] Gradient(float* data, bool accumulate, WorkerPool threads)
            {
                var result = Enumerable.Range(0, output.Length).Select(i => accumulate ? 0.5f * i : float.NaN).ToArray();
                fixed (float* g = result)
                    Assert.Equal(sum, loss.Compute(new LossRows(data, rows, width, g, accumulate, Normaliser), target, threads));
                return result;
            }
        }
    }

    private static void Compare(float[] gradient, double[][] x, Func<double[][], double> formula)
    {
        var width = x[0].Length;
        var tolerance = Math.Max(3e-6 / Normaliser, 1e-5 * gradient.Max(MathF.Abs));
        for (var i = 0; i < gradient.Length; i++)
        {
            ref var value = ref x[i / width][i % width];
            value += Step;
            var above = formula(x);
            value -= 2 * Step;
            var difference = (above - formula(x)) / (2 * Step);
            value += Step;
            Assert.Equal(difference / Normaliser, gradient[i], tolerance);
        }
    }

    public static double[][] Rows(float[] values, int rows)
    {
        var width = values.Length / rows;
        return [.. Enumerable.Range(0, rows).Select(row => values[(row * width)..((row + 1) * width)].Select(x => (double)x).ToArray())];
    }

    public static float[] Random(Random random, int count, double range = 3) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(range * ((2 * random.NextDouble()) - 1)))];
}
