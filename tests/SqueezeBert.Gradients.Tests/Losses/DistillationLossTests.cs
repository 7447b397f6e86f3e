using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests.Losses;

/// <summary>The losses of distillation against their formulas in float64, and against PyTorch where there is a golden.</summary>
public sealed unsafe class DistillationLossTests
{
    private readonly Random _random = new(9);

    [Theory]
    [InlineData(1, 5)]
    [InlineData(13, 40)]
    public void CosineDistanceIsItsFormula(int rows, int width)
    {
        var teacher = LossCheck.Random(_random, rows * width);
        var y = LossCheck.Rows(teacher, rows);
        LossCheck.Run(new CosineDistance(), LossCheck.Random(_random, rows * width), rows, null, teacher, rows,
            x => x.Zip(y, (a, b) => 1 - Cosine(a, b)).Sum());
    }

    [Fact]
    public void AVectorWithoutLengthHasNoGradient()
    {
        var gradient = new float[6];
        using var pool = new WorkerPool(1);
        fixed (float* x = (float[])[0, 0, 0, 1, 2, 3], t = (float[])[1, 2, 3, 0, 0, 0], g = gradient)
        {
            foreach (var loss in (Loss[])[new CosineDistance(), new SimilarityDivergence(0.05)])
            {
                var sum = loss.Compute(new LossRows(x, 2, 3, g, false, 1), new LossTarget(null, new NativeRows(t, 2, 3)), pool);
                Assert.Equal(loss is CosineDistance ? 2 : 0, sum.Sum);
                Assert.All(gradient, element => Assert.Equal(0, element));
            }
        }
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(70, 33)]
    public void HiddenStateErrorIsItsFormula(int rows, int width)
    {
        var teacher = LossCheck.Random(_random, rows * width, 8);
        var y = LossCheck.Rows(teacher, rows);
        var mean = teacher.Average(value => (double)value);
        var variance = teacher.Average(value => (value - mean) * (value - mean));
        LossCheck.Run(new HiddenStateError(), LossCheck.Random(_random, rows * width, 8), rows, null, teacher, rows,
            x => x.Zip(y, (a, b) => a.Zip(b, (s, t) => (s - t) * (s - t)).Average()).Sum() / variance);
    }

    [Theory]
    [InlineData(2, 6, 6, 128, 0.5)]
    [InlineData(9, 20, 33, 128, 0.05)]
    [InlineData(9, 33, 20, 4, 0.2)]
    [InlineData(4, 5, 5, 3, 0.1)]
    [InlineData(1, 5, 5, 3, 0.1)]
    public void SimilarityDivergenceIsItsFormula(int texts, int width, int teacherWidth, int maxTexts, double temperature)
    {
        var teacher = LossCheck.Random(_random, texts * teacherWidth);
        var y = LossCheck.Rows(teacher, texts);
        var blocks = (texts + maxTexts - 1) / maxTexts;
        LossCheck.Run(new SimilarityDivergence(temperature, maxTexts), LossCheck.Random(_random, texts * width), texts, null, teacher,
            texts > 1 ? texts : 0, x => Enumerable.Range(0, blocks).Sum(block =>
            {
                var range = (texts * block / blocks)..(texts * (block + 1) / blocks);
                return Block(x[range], y[range]);
            }));

        double Block(double[][] x, double[][] y)
        {
            double sum = 0;
            for (var i = 0; i < x.Length; i++)
            {
                var others = Enumerable.Range(0, x.Length).Where(j => j != i).ToList();
                if (others.Count == 0) continue;
                sum += Divergence([.. others.Select(j => Cosine(y[i], y[j]) / temperature)],
                    [.. others.Select(j => Cosine(x[i], x[j]) / temperature)]);
            }

            return sum;
        }
    }

    [Theory]
    [InlineData(2, 1, 1.0, 1.0)]
    [InlineData(5, 9, 0.7, 2.0)]
    [InlineData(40, 12, 0.0, 3.0)]
    [InlineData(3, 4, 1.0, 4.0)]
    public void SoftLabelLossIsItsFormula(int classes, int rows, double alpha, double temperature)
    {
        var teacher = LossCheck.Random(_random, rows * classes);
        var y = LossCheck.Rows(teacher, rows);
        var labels = new LabelBatch();
        for (var row = 0; row < rows; row++) labels.AddClass(_random.Next(classes));
        var ids = labels.Classes.ToArray();
        LossCheck.Run(new SoftLabelLoss(alpha, temperature), LossCheck.Random(_random, rows * classes), rows,
            alpha == 1 && classes == 3 ? null : labels, teacher, rows, x => x.Select((row, i) =>
                (alpha * temperature * temperature
                    * Divergence([.. y[i].Select(value => value / temperature)], [.. row.Select(value => value / temperature)]))
                + ((1 - alpha) * (Math.Log(row.Sum(Math.Exp)) - row[ids[i]]))).Sum());
    }

    /// <summary>Every third row has no label: its teacher's largest logit stands for it.</summary>
    [Theory]
    [InlineData(2, 1, 1.0)]
    [InlineData(5, 9, 0.7)]
    [InlineData(40, 12, 0.0)]
    public void RowsWithoutALabelHaveTheTeachers(int classes, int rows, double alpha)
    {
        const double Temperature = 3;
        var teacher = LossCheck.Random(_random, rows * classes);
        var y = LossCheck.Rows(teacher, rows);
        var labels = new LabelBatch();
        for (var row = 0; row < rows; row++) labels.AddClass(row % 3 == 0 ? PseudoLabel.None : _random.Next(classes));
        var ids = labels.Classes.ToArray().Select((id, row) => id >= 0 ? id : Array.IndexOf(y[row], y[row].Max())).ToArray();
        LossCheck.Run(new TeacherLogitError(alpha), LossCheck.Random(_random, rows * classes), rows, labels, teacher, rows,
            x => x.Select((row, i) => (alpha * row.Zip(y[i], (a, b) => (a - b) * (a - b)).Average()) + Hard(row, i)).Sum());
        LossCheck.Run(new SoftLabelLoss(alpha, Temperature), LossCheck.Random(_random, rows * classes), rows, labels, teacher, rows,
            x => x.Select((row, i) => (alpha * Temperature * Temperature * Divergence(
                [.. y[i].Select(value => value / Temperature)], [.. row.Select(value => value / Temperature)])) + Hard(row, i)).Sum());

        double Hard(double[] row, int i) => (1 - alpha) * (Math.Log(row.Sum(Math.Exp)) - row[ids[i]]);
    }

    /// <summary>Each output is true or not; every third row has no labels, and its teacher's logits above zero stand for true.</summary>
    [Theory]
    [InlineData(1, 1, 0.5, 2.0, false)]
    [InlineData(5, 9, 0.7, 2.0, false)]
    [InlineData(40, 12, 0.0, 3.0, false)]
    [InlineData(3, 4, 1.0, 4.0, false)]
    [InlineData(5, 9, 0.7, 2.0, true)]
    public void SoftMultiLabelLossIsItsFormula(int outputs, int rows, double alpha, double temperature, bool matchLogits)
    {
        var teacher = LossCheck.Random(_random, rows * outputs);
        var y = LossCheck.Rows(teacher, rows);
        var labels = new LabelBatch();
        var truth = new double[rows][];
        for (var row = 0; row < rows; row++)
        {
            var values = Enumerable.Range(0, outputs).Select(_ => (float)_random.Next(2)).ToArray();
            if (row % 3 == 0) labels.AddUnknownValues(outputs);
            else labels.AddValues(values);
            truth[row] = [.. values.Select((value, k) => row % 3 == 0 ? y[row][k] > 0 ? 1 : 0 : (double)value)];
        }

        LossCheck.Run(new SoftMultiLabelLoss(alpha, temperature, matchLogits), LossCheck.Random(_random, rows * outputs), rows, labels,
            teacher, rows * outputs, x => x.Select((row, i) => row.Select((logit, k) =>
                (alpha * (matchLogits ? Math.Pow(logit - y[i][k], 2) : temperature * temperature * Divergence(
                    [y[i][k] / temperature, 0], [logit / temperature, 0])))
                + ((1 - alpha) * (Math.Log(1 + Math.Exp(logit)) - (truth[i][k] * logit)))).Sum()).Sum());
    }

    /// <summary>A row is right where each of its outputs is on the side of its label; a row without labels is not.</summary>
    [Fact]
    public void ARowOfSoftMultiLabelLossIsRightWhereAllItsLabelsAre()
    {
        var labels = new LabelBatch();
        labels.AddValues([1, 0]);
        labels.AddValues([1, 1]);
        labels.AddValues([0, 0]);
        labels.AddUnknownValues(2);
        using var pool = new WorkerPool(1);
        var loss = new SoftMultiLabelLoss(0.5, 2, matchLogits: false);
        float[] logits = [2, -1, 2, -1, -3, -0.1f, -1, -1], teacher = new float[8];
        fixed (float* x = logits, t = teacher)
        {
            var sum = loss.Compute(new LossRows(x, 4, 2), new LossTarget(labels, new NativeRows(t, 4, 2)), pool);
            Assert.Equal((2, 4, 8.0), (sum.Correct, sum.Rows, sum.Weight));
        }
    }

    [Fact]
    public void SoftMultiLabelLossRefusesNumbersOutOfRangeAndOtherCountsOfLabels()
    {
        foreach (var (alpha, temperature) in ((double, double)[])[(-0.1, 1), (1.1, 1), (0.5, 0), (0.5, -1)])
            Assert.Throws<ArgumentOutOfRangeException>(() => new SoftMultiLabelLoss(alpha, temperature, matchLogits: false));
        var labels = new LabelBatch();
        labels.AddValues([1, 0]);
        using var pool = new WorkerPool(1);
        var values = new float[4];
        fixed (float* x = values, t = values)
        {
            var (rows, target) = (new LossRows(x, 2, 2), new LossTarget(labels, new NativeRows(t, 2, 2)));
            var loss = new SoftMultiLabelLoss(0.5, 2, matchLogits: false);
            Exception? error = null;
            try
            {
                loss.Compute(rows, target, pool);
            }
            catch (InvalidOperationException e)
            {
                error = e;
            }

            Assert.Contains("2 rows of 2 logits but 2 label values", error?.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void SoftLabelsAgreeWithTheReference()
    {
        var golden = new TensorFile(TensorFile.Fixture("training/soft-label-distillation.safetensors"));
        var labels = new LabelBatch();
        foreach (var label in golden.Integers("labels")) labels.AddClass((int)label);
        using var pool = new WorkerPool(1);
        fixed (float* x = golden.Floats("student_logits"), t = golden.Floats("teacher_logits"))
        {
            var loss = new SoftLabelLoss(golden.Floats("alpha")[0], golden.Floats("temperature")[0]);
            var sum = loss.Compute(new LossRows(x, 6, 3), new LossTarget(labels, new NativeRows(t, 6, 3)), pool);
            Assert.Equal(golden.Floats("loss")[0], sum.Mean, 1e-6 * sum.Mean);
        }
    }

    /// <summary>Gradients of queries and keys, of texts of several lengths, against differences of the formula.</summary>
    [Theory]
    [InlineData(1, 6, 6)]
    [InlineData(2, 8, 12)]
    [InlineData(4, 32, 8)]
    public void AttentionScoreErrorIsItsFormula(int heads, int width, int teacherWidth)
    {
        const int Tokens = 9;
        const double Normaliser = 7;
        var batch = new PackedBatch();
        foreach (var length in (int[])[3, 1, 5]) batch.Add([.. Enumerable.Repeat(4, length)]);
        var values = LossCheck.Random(_random, 2 * Tokens * width);
        var teacherQueries = LossCheck.Random(_random, Tokens * teacherWidth);
        var teacherKeys = LossCheck.Random(_random, Tokens * teacherWidth);
        var exact = LossCheck.Rows(values, 2 * Tokens);
        double[][] theirQueries = LossCheck.Rows(teacherQueries, Tokens), theirKeys = LossCheck.Rows(teacherKeys, Tokens);
        var gradient = Enumerable.Range(0, values.Length).Select(i => 0.25f * i).ToArray();
        fixed (float* x = values, g = gradient, tq = teacherQueries, tk = teacherKeys)
        {
            using var pool = new WorkerPool(2);
            var target = new LossTarget(null, new NativeRows(tq, Tokens, teacherWidth));
            var rows = new Rows(new NativeRows(tk, Tokens, teacherWidth));

            // Keys are added to what is there, queries are written.
            float* keys = x + (Tokens * width), keyGradient = g + (Tokens * width);
            var loss = new AttentionScoreError(
                heads, normaliser => normaliser is { } n ? new LossRows(keys, Tokens, width, keyGradient, true, n)
                    : new LossRows(keys, Tokens, width), rows)
            {
                Batch = batch,
            };
            var expected = Formula();
            Assert.Equal(expected, loss.Compute(new LossRows(x, Tokens, width), target, pool).Sum, 1e-5 * expected);
            var sum = loss.Compute(new LossRows(x, Tokens, width, g, false, Normaliser), target, pool);
            Assert.Equal(expected, sum.Sum, 1e-5 * expected);
            Assert.Equal(Tokens, sum.Weight);
        }

        var tolerance = 1e-5 * gradient.Max(MathF.Abs);
        for (var i = 0; i < gradient.Length; i++)
        {
            ref var value = ref exact[i / width][i % width];
            value += 1e-5;
            var above = Formula();
            value -= 2e-5;
            var difference = (above - Formula()) / 2e-5;
            value += 1e-5;
            Assert.Equal((difference / Normaliser) + (i < Tokens * width ? 0 : 0.25 * i), gradient[i], tolerance);
        }

        double Formula()
        {
            double sum = 0;
            for (var text = 0; text < batch.TextCount; text++)
            {
                var (start, end) = (batch.TextStarts[text], batch.TextStarts[text + 1]);
                for (var i = start; i < end; i++)
                {
                    for (var j = start; j < end; j++)
                    {
                        for (var head = 0; head < heads; head++)
                        {
                            var difference = Score(exact[i], exact[Tokens + j], head) - Score(theirQueries[i], theirKeys[j], head);
                            sum += difference * difference / (heads * (end - start));
                        }
                    }
                }
            }

            return sum;
        }

        double Score(double[] query, double[] key, int head)
        {
            var size = query.Length / heads;
            return Enumerable.Range(head * size, size).Sum(k => query[k] * key[k]) / Math.Sqrt(size);
        }
    }

    [Fact]
    public void MeanSquaredErrorComparesWithTheLogitsOfATeacher()
    {
        var teacher = LossCheck.Random(_random, 12);
        LossCheck.Run(new MeanSquaredError(), LossCheck.Random(_random, 12), 4, new LabelBatch(), teacher, 12,
            x => x.SelectMany(row => row).Zip(teacher, (a, b) => (a - b) * (a - b)).Sum());
    }

    [Fact]
    public void ATeacherOfAnotherShapeIsAnError()
    {
        using var pool = new WorkerPool(1);
        fixed (float* x = new float[6])
        {
            var rows = new LossRows(x, 2, 3);
            var target = new LossTarget(null, new NativeRows(x, 3, 2));
            Assert.Throws<InvalidOperationException>(() => new CosineDistance().Compute(rows, target, pool));
            Assert.Throws<InvalidOperationException>(() => new HiddenStateError().Compute(rows, target, pool));
            Assert.Throws<InvalidOperationException>(() => new SimilarityDivergence(0.1).Compute(rows, target, pool));
            Assert.Throws<InvalidOperationException>(() => new SoftLabelLoss(1, 1).Compute(rows, target, pool));
            Assert.Throws<InvalidOperationException>(() => new CosineDistance().Compute(rows, new LossTarget(null), pool));
        }
    }

    private sealed class Rows(NativeRows rows) : ITargetRows
    {
        NativeRows ITargetRows.Rows => rows;
    }

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));

    /// <summary>KL(softmax(teacher) ‖ softmax(student)).</summary>
    private static double Divergence(double[] teacher, double[] student)
    {
        var (teacherSum, studentSum) = (Math.Log(teacher.Sum(Math.Exp)), Math.Log(student.Sum(Math.Exp)));
        return teacher.Zip(student, (t, s) => Math.Exp(t - teacherSum) * (t - teacherSum - s + studentSum)).Sum();
    }
}
