using SqueezeBert.Gradients.Memory;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>
/// Compares how similar a text is to the other texts of its batch for the teacher and for the student: KL(P ‖ Q), where P and Q are the
/// softmax of the text's cosines with the others, divided by a temperature. It is a mean over texts. Teacher and student may have different
/// widths. A batch is divided into blocks of almost equal size, each of which is treated like a batch. A single text has no others and does
/// not count.
/// </summary>
internal sealed unsafe class SimilarityDivergence : Loss, IParallelBody
{
    private readonly double _temperature;
    private readonly int _maxTexts;
    private readonly NativeBuffer _memory = new();
    private double[] _losses = [];
    private double[] _lengths = [];
    private float* _scratch;
    private long _scratchSize;
    private LossRows _rows;
    private NativeRows _teacher;
    private int _blocks;

    /// <param name="temperature">The temperature that cosines are divided by, above 0. 0.05 is usual.</param>
    /// <param name="maxTexts">The largest number of texts of a block, 3 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of the two values is out of range.</exception>
    public SimilarityDivergence(double temperature, int maxTexts = 128)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTexts, 3);
        _temperature = temperature;
        _maxTexts = maxTexts;
    }

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => rows > 1 ? rows : 0;

    /// <inheritdoc/>
    public override LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool)
    {
        _teacher = target.Teacher;
        if (_teacher.Count != rows.Count)
            throw new InvalidOperationException($"{rows.Count} texts of the student but {_teacher.Count} of the teacher");
        _rows = rows;
        if (_losses.Length < rows.Count)
        {
            _losses = new double[2 * rows.Count];
            _lengths = new double[2 * rows.Count];
        }

        // As few blocks as can be; with three texts or more allowed, none has one text only, unless the batch has.
        _blocks = (rows.Count + _maxTexts - 1) / _maxTexts;
        long texts = Math.Min(rows.Count, _maxTexts);
        _scratchSize = (4 * texts * texts) + (2 * texts * Math.Max(rows.Width, _teacher.Width));
        _memory.Reserve(NativeBuffer.BytesOf(_scratchSize * pool.ThreadCount));
        _scratch = _memory.Floats;
        pool.Run(this, _blocks);
        double sum = 0;
        for (var row = 0; row < rows.Count; row++) sum += _losses[row];
        return new LossSum(sum, Weight(target, rows.Count, rows.Width), 0, rows.Count);
    }

    void IParallelBody.Execute(int part, int worker)
    {
        var first = (int)((long)_rows.Count * part / _blocks);
        var count = (int)((long)_rows.Count * (part + 1) / _blocks) - first;
        if (count == 1)
        {
            _losses[first] = 0;
            if (_rows.Gradient is not null && !_rows.Accumulate) new Span<float>(_rows.GradientRow(first), _rows.Width).Clear();
        }
        else
        {
            Block(first, count, _scratch + (worker * _scratchSize));
        }
    }

    private void Block(int first, int count, float* scratch)
    {
        var width = _rows.Width;
        var square = (long)count * count;
        var student = scratch;
        var teacher = student + square;
        var probabilities = teacher + square;
        var products = probabilities + square;
        var directions = products + square;
        var transposed = directions + ((long)count * Math.Max(width, _teacher.Width));
        Directions(_teacher.Row(first), _teacher.Width, count, directions, default);
        Cosines(directions, _teacher.Width, count, transposed, teacher);
        Directions(_rows.Row(first), width, count, directions, _lengths.AsSpan(first, count));
        Cosines(directions, width, count, transposed, student);
        new ReadOnlySpan<float>(teacher, (int)square).CopyTo(new Span<float>(probabilities, (int)square));
        Softmax.Forward(new(probabilities, count, count));
        for (var row = 0; row < count; row++) _losses[first + row] =
            Divergence(probabilities + ((long)row * count), teacher + ((long)row * count), student + ((long)row * count), count);
        if (_rows.Gradient is null) return;
        Softmax.Forward(new(student, count, count));
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                var (above, below) = (((long)i * count) + j, ((long)j * count) + i);
                products[above] = (float)(((double)student[above] - probabilities[above] + student[below] - probabilities[below])
                    / (_temperature * _rows.Normaliser));
            }
        }

        MatrixMultiply.Strided(
            new(products, count, count), new(directions, count, width), new(transposed, count, width), accumulate: false);
        for (var row = 0; row < count; row++)
        {
            UnitLength.Backward(_rows.Row(first + row), _lengths[first + row], transposed + ((long)row * width),
                _rows.GradientRow(first + row), _rows.Accumulate, width);
        }
    }

    /// <summary>Divides rows by their lengths and stores the lengths if there is room for them. A row of zeros is kept.</summary>
    private static void Directions(float* source, int width, int count, float* target, Span<double> lengths)
    {
        for (var row = 0; row < count; row++, source += width, target += width)
        {
            var length = UnitLength.Forward(source, target, width);
            if (!lengths.IsEmpty) lengths[row] = length;
        }
    }

    /// <summary>Computes the cosines divided by the temperature, and -∞ for a text with itself.</summary>
    private void Cosines(float* directions, int width, int count, float* transposed, float* cosines)
    {
        MatrixMultiply.Transpose(new(directions, count, width), new(transposed, width, count));
        MatrixMultiply.Strided(new(directions, count, width), new(transposed, width, count), new(cosines, count, count), accumulate: false);
        Elementwise.Scale((float)(1 / _temperature), cosines, cosines, (nint)count * count);
        for (var i = 0; i < count; i++) cosines[((long)i * count) + i] = float.NegativeInfinity;
    }

    private static double Divergence(float* probabilities, float* teacher, float* student, int count)
    {
        float teacherLogSum, studentLogSum;
        Softmax.LogSumExp(new(teacher, 1, count), &teacherLogSum);
        Softmax.LogSumExp(new(student, 1, count), &studentLogSum);
        double sum = 0;
        for (var i = 0; i < count; i++)
        {
            if (probabilities[i] > 0)
                sum += probabilities[i] * (((double)teacher[i] - teacherLogSum) - ((double)student[i] - studentLogSum));
        }

        return sum;
    }
}
