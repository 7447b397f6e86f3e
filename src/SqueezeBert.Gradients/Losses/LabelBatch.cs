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
