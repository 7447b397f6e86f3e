using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// What a loss is told about each row of the logits: a class id, or a value for each output. Buffers are kept between batches.
/// </summary>
internal sealed class LabelBatch
{
    private int[] _classes = new int[64];
    private float[] _values = new float[64];
    private int _classCount;
    private int _valueCount;

    public ReadOnlySpan<int> Classes => _classes.AsSpan(0, _classCount);

    public ReadOnlySpan<float> Values => _values.AsSpan(0, _valueCount);

    public void Clear()
    {
        _classCount = 0;
        _valueCount = 0;
    }

    public void AddClass(int label)
    {
        if (_classCount == _classes.Length) Array.Resize(ref _classes, 2 * _classCount);
        _classes[_classCount++] = label;
    }

    public void AddValues(ReadOnlySpan<float> values)
    {
        if (_valueCount + values.Length > _values.Length)
            Array.Resize(ref _values, Math.Max(2 * _values.Length, _valueCount + values.Length));
        values.CopyTo(_values.AsSpan(_valueCount));
        _valueCount += values.Length;
    }
}

/// <summary>Losses of some rows, summed before the division by <see cref="Weight"/>.</summary>
/// <param name="Sum">Σ weight · loss.</param>
/// <param name="Weight">Σ weight, what a mean divides by.</param>
/// <param name="Correct">Rows whose largest logit is the label's (class losses only).</param>
/// <param name="Rows">Rows that took part.</param>
internal readonly record struct LossSum(double Sum, double Weight, long Correct, long Rows)
{
    public double Mean => Weight == 0 ? 0 : Sum / Weight;

    public static LossSum operator +(LossSum a, LossSum b) =>
        new(a.Sum + b.Sum, a.Weight + b.Weight, a.Correct + b.Correct, a.Rows + b.Rows);
}

/// <summary>A loss over the rows of the logits.</summary>
internal abstract unsafe class Loss
{
    /// <summary>
    /// What <see cref="Compute"/> adds up as <see cref="LossSum.Weight"/>: known before the logits, so that accumulated batches share one
    /// normaliser.
    /// </summary>
    public abstract double Weight(LabelBatch labels, int outputs);

    /// <summary>Sums the loss; with a normaliser it overwrites the logits by their gradient of Σ weight · loss / normaliser.</summary>
    /// <param name="logits">[rows, outputs].</param>
    /// <param name="rows">Rows, as many as labels.</param>
    /// <param name="outputs">Classes or regression targets.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="normaliser">Total weight of the step's batches, or null where no gradient is wanted.</param>
    /// <param name="pool">Threads; the bits do not depend on their number.</param>
    public abstract LossSum Compute(float* logits, int rows, int outputs, LabelBatch labels, double? normaliser, WorkerPool pool);
}
