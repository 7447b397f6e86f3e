using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Groups;
using SqueezeBert.Gradients.Losses.Pairs;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests.Losses;

/// <summary>Losses over several rows against their formulas in float64, gradients against differences of these.</summary>
public sealed unsafe class GroupLossTests
{
    private readonly Random _random = new(11);

    [Theory]
    [InlineData(1, 4, 4, 4)]
    [InlineData(1, 1, 5, 2, 30)]
    [InlineData(2, 17, 1, 9)]
    public void GroupCrossEntropyIsItsFormula(int width, params int[] groups)
    {
        var labels = new LabelBatch();
        foreach (var group in groups)
        {
            labels.AddGroup(group);
            for (var column = 0; column < width; column++) labels.AddClass(_random.Next(group));
        }

        var classes = labels.Classes.ToArray();
        var rows = groups.Sum();
        LossCheck.Run(new GroupCrossEntropy(), LossCheck.Random(_random, rows * width), rows, labels, null, groups.Length * width, x =>
        {
            var (sum, start) = (0.0, 0);
            for (var group = 0; group < groups.Length; start += groups[group++])
            {
                for (var column = 0; column < width; column++)
                {
                    var values = Enumerable.Range(start, groups[group]).Select(row => x[row][column]).ToArray();
                    sum += Math.Log(values.Sum(Math.Exp)) - values[classes[(group * width) + column]];
                }
            }

            return sum;
        });
    }

    [Fact]
    public void AGroupIsCorrectWhereEveryColumnIs()
    {
        var labels = new LabelBatch();
        foreach (var label in (int[])[1, 0, 0, 2]) labels.AddClass(label);
        labels.AddGroup(2);
        labels.AddGroup(3);
        using var pool = new WorkerPool(1);
        fixed (float* x = (float[])[0, 5, 1, 4, 9, 0, 0, 3, 0, 2])
            Assert.Equal(1, new GroupCrossEntropy().Compute(new LossRows(x, 5, 2), new LossTarget(labels), pool).Correct);
    }

    [Fact]
    public void GroupsThatDoNotFitAreErrors()
    {
        using var pool = new WorkerPool(1);
        var x = stackalloc float[3];
        foreach (var (group, label) in ((int, int)[])[(3, 3), (3, -1), (2, 0)])
        {
            var labels = new LabelBatch();
            labels.AddGroup(group);
            labels.AddClass(label);
            Assert.Throws<InvalidOperationException>(
                () => new GroupCrossEntropy().Compute(new LossRows(x, 3, 1), new LossTarget(labels), pool));
        }
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(26, 40)]
    public void CosineErrorIsItsFormula(int rows, int width)
    {
        var labels = new LabelBatch();
        labels.AddValues(LossCheck.Random(_random, rows / 2, 1));
        var scores = labels.Values.ToArray();
        LossCheck.Run(new CosineError(), LossCheck.Random(_random, rows * width), rows, labels, null, rows / 2,
            x => scores.Select((score, pair) => Math.Pow(Cosine(x[2 * pair], x[(2 * pair) + 1]) - score, 2)).Sum());
    }

    [Theory]
    [InlineData(2, 1, 6, 20.0)]
    [InlineData(2, 8, 12, 20.0)]
    [InlineData(3, 1, 5, 4.0)]
    [InlineData(3, 7, 20, 10.0)]
    public void InBatchRankingIsItsFormula(int rowsOfExample, int examples, int width, double scale)
    {
        var rows = rowsOfExample * examples;
        var labels = new LabelBatch();
        var texts = Enumerable.Range(0, rows).ToArray();
        if (examples > 4)
        {
            // The text of the second example is that of the first, and that of the fourth is the third query.
            texts[rowsOfExample + 1] = texts[1];
            texts[(3 * rowsOfExample) + 1] = texts[2 * rowsOfExample];
        }

        foreach (var text in texts) labels.AddClass(text);
        LossCheck.Run(new InBatchRanking(scale, rowsOfExample), LossCheck.Random(_random, rows * width), rows, labels, null, examples, x =>
        {
            double sum = 0;
            for (var i = 0; i < examples; i++)
            {
                var query = i * rowsOfExample;
                var candidates = Enumerable.Range(0, rows).Where(row => row % rowsOfExample != 0
                    && (row == query + 1 || (texts[row] != texts[query] && texts[row] != texts[query + 1]))).ToList();
                sum += Math.Log(candidates.Sum(row => Math.Exp(scale * Cosine(x[query], x[row]))))
                    - (scale * Cosine(x[query], x[query + 1]));
            }

            return sum;
        });
    }

    [Fact]
    public void AVectorWithoutLengthHasNoGradient()
    {
        using var pool = new WorkerPool(1);
        var labels = new LabelBatch();
        labels.AddValues([0.5f]);
        labels.AddClass(0);
        labels.AddClass(1);
        foreach (var loss in (Loss[])[new CosineError(), new InBatchRanking(20, 2)])
        {
            var gradient = new float[6];
            fixed (float* x = (float[])[0, 0, 0, 1, 2, 3], g = gradient)
                Assert.True(double.IsFinite(loss.Compute(new LossRows(x, 2, 3, g, false, 1), new LossTarget(labels), pool).Sum));
            Assert.All(gradient, element => Assert.Equal(0, element));
        }
    }

    private static double Cosine(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum()
        / (Math.Sqrt(a.Sum(x => x * x)) * Math.Sqrt(b.Sum(x => x * x)));
}
