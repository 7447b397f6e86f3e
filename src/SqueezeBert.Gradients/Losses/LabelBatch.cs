namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// The labels of the rows of a batch: a class id (negative if the row does not count), or a value for each output; and which rows belong
/// together. The buffers are kept between batches.
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

    /// <summary>The number of rows of each group, one group after the other. Empty if rows are independent.</summary>
    public ReadOnlySpan<int> Groups => _groups.AsSpan(0, _groupCount);

    /// <summary>The number of the data set of the batch. Losses of other data sets ignore it.</summary>
    public int Part { get; set; }

    /// <summary>The labels of the texts, if the other labels are those of tokens and both are learnt.</summary>
    public LabelBatch Texts => _texts ??= new LabelBatch();

    public void Clear()
    {
        _classCount = 0;
        _valueCount = 0;
        _groupCount = 0;
        Part = 0;
        _texts?.Clear();
    }

    /// <summary>Adds the next rows as a group.</summary>
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
