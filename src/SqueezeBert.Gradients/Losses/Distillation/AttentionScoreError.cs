using SqueezeBert.Gradients.Memory;
using SqueezeBert.Inference;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>
/// The squared error of attention scores before the softmax, Q Kᵀ divided by the square root of a head's width, for each text and head
/// (Jiao et al., arXiv 1909.10351). It is the mean over heads and keys for each query, and then the mean over queries. The rows are the
/// queries. The keys, whose gradient is computed too, are given separately, and so are those of the teacher. Student and teacher must have
/// the same number of heads, whose widths may differ.
/// </summary>
/// <param name="heads">The number of heads of student and teacher.</param>
/// <param name="keys">Returns the keys of the student: with a gradient for a normaliser, or for the value only if it is null.</param>
/// <param name="teacherKeys">The keys of the teacher. Its queries are the target.</param>
internal sealed unsafe class AttentionScoreError(int heads, Func<double?, LossRows> keys, ITargetRows teacherKeys) : Loss, IParallelBody
{
    private readonly NativeBuffer _memory = new();
    private double[] _losses = [];
    private float* _scratch;
    private long _scratchSize;
    private LossRows _queries;
    private LossRows _keys;
    private NativeRows _teacher;

    /// <summary>The batch, which determines the rows of each text. It must be set before <see cref="Compute"/>.</summary>
    public PackedBatch? Batch { get; set; }

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => rows;

    /// <inheritdoc/>
    public override LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool)
    {
        var batch = Batch ?? throw new InvalidOperationException("the loss was not told its batch");
        (_queries, _teacher) = (rows, target.Teacher);
        _keys = keys(rows.Gradient is null ? null : rows.Normaliser);
        if (rows.Count != batch.TokenCount || _keys.Count != rows.Count || _teacher.Count != rows.Count
            || teacherKeys.Rows.Count != rows.Count || _keys.Width != rows.Width || teacherKeys.Rows.Width != _teacher.Width
            || rows.Width % heads != 0 || _teacher.Width % heads != 0)
        {
            throw new InvalidOperationException(
                $"queries [{rows.Count}, {rows.Width}], keys [{_keys.Count}, {_keys.Width}] and the teacher's " +
                    $"[{_teacher.Count}, {_teacher.Width}] are not those of {heads} heads over {batch.TokenCount} tokens");
        }

        var parts = batch.TextCount * heads;
        if (_losses.Length < parts) _losses = new double[2 * parts];
        long longest = 0;
        for (var text = 0; text < batch.TextCount; text++)
            longest = Math.Max(longest, batch.TextStarts[text + 1] - batch.TextStarts[text]);
        _scratchSize = ((2 * longest * longest) + (longest * Math.Max(rows.Width, _teacher.Width) / heads) + 15) & ~15L;
        _memory.Reserve(NativeBuffer.BytesOf(_scratchSize * pool.ThreadCount));
        _scratch = _memory.Floats;
        pool.Run(this, parts);
        double sum = 0;
        for (var part = 0; part < parts; part++) sum += _losses[part];
        return new LossSum(sum, rows.Count, 0, rows.Count);
    }

    void IParallelBody.Execute(int part, int worker)
    {
        var (text, head) = (part / heads, part % heads);
        var start = Batch!.TextStarts[text];
        var count = Batch.TextStarts[text + 1] - start;
        var (width, teacherWidth) = (_queries.Width / heads, _teacher.Width / heads);
        var scores = _scratch + (worker * _scratchSize);
        var teacher = scores + ((long)count * count);
        var transposed = teacher + ((long)count * count);
        var query = new Matrix(_queries.Row(start) + (head * width), _queries.Width, count, width);
        var key = new Matrix(_keys.Row(start) + (head * width), _keys.Width, count, width);
        Scores(query, key, transposed, scores);
        Scores(
            new(_teacher.Row(start) + (head * teacherWidth), _teacher.Width, count, teacherWidth),
            new(teacherKeys.Rows.Row(start) + (head * teacherWidth), _teacher.Width, count, teacherWidth), transposed, teacher);
        double sum = 0;
        var (scale, teacherScale) = (1 / Math.Sqrt(width), 1 / Math.Sqrt(teacherWidth));
        var factor = _queries.Gradient is null ? 0 : 2 * scale / ((double)heads * count * _queries.Normaliser);
        for (long i = 0; i < (long)count * count; i++)
        {
            var difference = (scale * scores[i]) - (teacherScale * teacher[i]);
            sum += difference * difference;
            scores[i] = (float)(factor * difference);
        }

        _losses[part] = sum / ((double)heads * count);
        if (_queries.Gradient is not null)
        {
            MatrixMultiply.Strided(
                new(scores, count, count), key, new(_queries.GradientRow(start) + (head * width), _queries.Width, count, width),
                _queries.Accumulate);
        }

        if (_keys.Gradient is null) return;
        var keyGradient = new Matrix(_keys.GradientRow(start) + (head * width), _keys.Width, count, width);
        for (var row = 0; !_keys.Accumulate && row < count; row++) new Span<float>(keyGradient.Row(row), width).Clear();
        MatrixMultiply.AddTransposed(new(scores, count, count), query, keyGradient, null);
    }

    private static void Scores(Matrix query, Matrix key, float* transposed, float* scores)
    {
        MatrixMultiply.Transpose(key, new(transposed, key.Columns, key.Rows));
        MatrixMultiply.Strided(query, new(transposed, key.Columns, key.Rows), new(scores, query.Rows, key.Rows), accumulate: false);
    }
}
