namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// What a loss is told about each row of the logits: a class id (negative: the row does not count), or a value for each output; and which
/// rows belong together. Buffers are kept between batches.
/// </summary>
internal sealed class LabelBatch
{
    private int[] _classes = new int[64];
    private float[] _values = new float[64];
    private int[] _groups = new int[16];
    private int _classCount;
    private int _valueCount;
    private int _groupCount;
    private LabelBatch? _texts;

    public ReadOnlySpan<int> Classes => _classes.AsSpan(0, _classCount);

    public ReadOnlySpan<float> Values => _values.AsSpan(0, _valueCount);

    /// <summary>How many rows each group has, one group after the other; empty where rows stand alone.</summary>
    public ReadOnlySpan<int> Groups => _groups.AsSpan(0, _groupCount);

    /// <summary>Which of several data sets the batch is of: losses of the others leave it out.</summary>
    public int Part { get; set; }

    /// <summary>Labels of the texts, where the other labels are those of tokens and both are learnt.</summary>
    public LabelBatch Texts => _texts ??= new LabelBatch();

    public void Clear()
    {
        _classCount = 0;
        _valueCount = 0;
        _groupCount = 0;
        Part = 0;
        _texts?.Clear();
    }

    /// <summary>Puts the next rows into a group.</summary>
    public void AddGroup(int rows)
    {
        if (_groupCount == _groups.Length) Array.Resize(ref _groups, 2 * _groupCount);
        _groups[_groupCount++] = rows;
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

    /// <summary>Adds a row of values that a teacher is to give; each is NaN until then.</summary>
    public void AddUnknownValues(int count)
    {
        for (var i = 0; i < count; i++) AddValues([float.NaN]);
    }
}
