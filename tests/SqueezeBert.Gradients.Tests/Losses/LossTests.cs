using SqueezeBert.Gradients.Losses;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests.Losses;

/// <summary>Losses against their formulas in float64, gradients against differences of these.</summary>
public sealed unsafe class LossTests : IDisposable
{
    private readonly WorkerPool _pool = new(2);
    private readonly Random _random = new(4);

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(2, 1, 0.0, false)]
    [InlineData(3, 17, 0.0, false)]
    [InlineData(5, 40, 0.1, false)]
    [InlineData(4, 9, 0.0, true)]
    [InlineData(40, 21, 0.2, true)]
    public void SoftmaxCrossEntropyIsItsFormula(int classes, int rows, double smoothing, bool isWeighted)
    {
        var weights = Enumerable.Range(0, classes).Select(i => isWeighted ? 0.5f + (i % 3) : 1f).ToList();
        var labels = new LabelBatch();
        for (var row = 0; row < rows; row++) labels.AddClass(_random.Next(classes));
        var classIds = labels.Classes.ToArray();
        Check(new SoftmaxCrossEntropy((float)smoothing, isWeighted ? weights : null), labels, rows, classes,
            classIds.Sum(label => weights[label]), (row, x) =>
        {
            var logSum = Math.Log(x.Sum(Math.Exp));
            return weights[classIds[row]] * (((1 - smoothing) * (logSum - x[classIds[row]]))
                + (smoothing * x.Average(value => logSum - value)));
        });
    }

    /// <summary>Tokens that are no word's first have no label.</summary>
    [Fact]
    public void ARowWithoutALabelDoesNotCount()
    {
        var labels = new LabelBatch();
        int[] classes = [2, -1, 0, -1, -1, 1];
        foreach (var label in classes) labels.AddClass(label);
        Check(new SoftmaxCrossEntropy(), labels, classes.Length, 3, 3,
            (row, x) => classes[row] < 0 ? 0 : Math.Log(x.Sum(Math.Exp)) - x[classes[row]]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 13)]
    public void BinaryCrossEntropyIsItsFormula(int outputs, int rows)
    {
        var labels = Values(outputs * rows, () => _random.Next(2));
        var values = labels.Values.ToArray();
        Check(new BinaryCrossEntropy(), labels, rows, outputs, outputs * rows, (row, x) => x.Select((value, i) =>
            values[(row * outputs) + i] == 1 ? Math.Log(1 + Math.Exp(-value)) : Math.Log(1 + Math.Exp(value))).Sum());
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(3, 5)]
    public void MeanSquaredErrorIsItsFormula(int outputs, int rows)
    {
        var labels = Values(outputs * rows, () => (float)_random.NextDouble());
        var values = labels.Values.ToArray();
        Check(new MeanSquaredError(), labels, rows, outputs, outputs * rows,
            (row, x) => x.Select((value, i) => Math.Pow(value - values[(row * outputs) + i], 2)).Sum());
    }

    [Fact]
    public void LargeLogitsDoNotOverflow()
    {
        var logits = stackalloc float[4] { 1000, -1000, -1000, 1000 };
        var labels = new LabelBatch();
        labels.AddClass(0);
        labels.AddClass(0);
        var sum = new SoftmaxCrossEntropy().Compute(new LossRows(logits, 2, 2), new LossTarget(labels), _pool);
        Assert.Equal(2000, sum.Sum, 1e-3);
        labels.Clear();
        labels.AddValues([1, 1, 0, 0]);
        logits[3] = 1000;
        Assert.Equal(2000, new BinaryCrossEntropy().Compute(new LossRows(logits, 2, 2), new LossTarget(labels), _pool).Sum, 1e-3);
    }

    [Theory]
    [InlineData(new[] { 1f, 3f, 2f }, 1, true)]
    [InlineData(new[] { 1f, 3f, 2f }, 2, false)]
    [InlineData(new[] { 3f, 3f, 2f }, 0, true)]
    [InlineData(new[] { 3f, 3f, 2f }, 1, false)]
    [InlineData(new[] { 3f, float.NaN, 2f }, 0, false)]
    [InlineData(new[] { float.NaN, 1f, 2f }, 0, false)]
    public void ARowIsCorrectWhereTheFirstOfTheLargestLogitsIsTheLabels(float[] logits, int label, bool expected)
    {
        // At the end of a long row too.
        foreach (var padding in (int[])[0, 13, 40])
        {
            float[] row = [.. Enumerable.Repeat(-5f, padding), .. logits, .. Enumerable.Repeat(-5f, padding)];
            var labels = new LabelBatch();
            labels.AddClass(padding + label);
            fixed (float* x = row) Assert.Equal(expected ? 1 : 0,
                new SoftmaxCrossEntropy().Compute(new LossRows(x, 1, row.Length), new LossTarget(labels), _pool).Correct);
        }
    }

    [Fact]
    public void LabelsThatDoNotFitAreErrors()
    {
        var logits = stackalloc float[4];
        var labels = new LabelBatch();
        labels.AddClass(1);
        Throws(new SoftmaxCrossEntropy());
        labels.AddValues([1, 2, 3]);
        Throws(new MeanSquaredError());
        Throws(new BinaryCrossEntropy());

        void Throws(Loss loss) => Assert.Throws<InvalidOperationException>(
            () => loss.Compute(new LossRows(logits, 2, 2), new LossTarget(labels), _pool));
    }

    /// <param name="loss">The loss.</param>
    /// <param name="labels">Of all rows.</param>
    /// <param name="rows">Rows of logits.</param>
    /// <param name="outputs">Logits of a row.</param>
    /// <param name="weight">What the mean divides by.</param>
    /// <param name="formula">The loss of a row, before the division.</param>
    private void Check(Loss loss, LabelBatch labels, int rows, int outputs, double weight, Func<int, double[], double> formula) =>
        LossCheck.Run(loss, LossCheck.Random(_random, rows * outputs), rows, labels, null, weight,
            x => x.Select((row, i) => formula(i, row)).Sum());

    private static LabelBatch Values(int count, Func<float> value)
    {
        var labels = new LabelBatch();
        for (var i = 0; i < count; i++) labels.AddValues([value()]);
        return labels;
    }
}
