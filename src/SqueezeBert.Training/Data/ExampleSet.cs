namespace SqueezeBert.Training.Data;

/// <summary>One example: a range of tokens with its label.</summary>
/// <param name="Start">First token in the set.</param>
/// <param name="Length">Tokens, special ones included.</param>
/// <param name="SecondStart">Tokens before the second text of a pair; <see cref="Length"/> where there is none.</param>
/// <param name="Label">Class id, or index of the first value or number.</param>
/// <param name="Text">Number of the text; windows of one text share it.</param>
/// <param name="Weight">The window's part in the scores of its text; those of a text add up to one, and it is one only of a whole
/// text.</param>
internal readonly record struct Example(long Start, int Length, int SecondStart, int Label, int Text, float Weight);

/// <summary>Examples and their tokens, in one array or in files that are mapped into memory.</summary>
internal class ExampleSet
{
    private int[] _tokens = new int[1024];
    private readonly List<Example> _examples = [];
    private readonly List<float> _values = [];
    private readonly List<int> _numbers = [];
    private readonly List<int> _sources = [];
    private TokenShardWriter? _writer;
    private MappedTokens? _mapped;
    private long _used;

    public virtual int Count => _examples.Count;

    public virtual long TokenCount => _used;

    /// <summary>Texts; windows of one count once.</summary>
    public virtual int TextCount => _sources.Count;

    public virtual Example this[int index] => _examples[index];

    public virtual ReadOnlySpan<int> Tokens(Example example) => _mapped is null
        ? _tokens.AsSpan((int)example.Start, example.Length) : _mapped.Span(example.Start, example.Length);

    /// <summary>From here on, tokens that are added go to files and cannot be read, until <see cref="ReadFrom"/> says where from.</summary>
    public void WriteTo(TokenShardWriter writer) => _writer = writer;

    /// <summary>Tokens are read from files; the set takes them over.</summary>
    public void ReadFrom(MappedTokens tokens) => (_writer, _mapped) = (null, tokens);

    /// <summary>Forgets all examples and texts.</summary>
    public void Clear()
    {
        _examples.Clear();
        _sources.Clear();
        (_writer, _used) = (null, 0);
    }

    /// <summary>Adds an example of one text whose tokens are the next in the files.</summary>
    public void AddMapped(int length, int text)
    {
        _examples.Add(new Example(_used, length, length, 0, text, 1));
        _used += length;
    }

    /// <summary>The data set that an example is of, where a set consists of several; examples of two never share a batch.</summary>
    public virtual int PartOf(Example example) => 0;

    /// <summary>Whether a text is among the <paramref name="limit"/> of its data set that are looked at, spread evenly.</summary>
    public virtual bool IsChosen(int text, int limit) => EvenSample.IsChosen(text, limit, TextCount);

    /// <summary>Values of an example of regression or multi-label classification.</summary>
    public ReadOnlySpan<float> Values(Example example, int count) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_values).Slice(example.Label, count);

    /// <summary>Adds values; the result is the label that examples refer to them by.</summary>
    public int AddValues(ReadOnlySpan<float> values)
    {
        var first = _values.Count;
        foreach (var value in values) _values.Add(value);
        return first;
    }

    /// <summary>Adds numbers behind their count; the result is the label that examples refer to them by.</summary>
    public int AddNumbers(ReadOnlySpan<int> numbers)
    {
        var first = _numbers.Count;
        _numbers.Add(numbers.Length);
        foreach (var number in numbers) _numbers.Add(number);
        return first;
    }

    /// <summary>The numbers that were added together for an example.</summary>
    public ReadOnlySpan<int> Numbers(Example example) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_numbers).Slice(example.Label + 1, _numbers[example.Label]);

    /// <summary>Starts a text that comes from a file of the stage; returns its number.</summary>
    public int AddText(int source)
    {
        _sources.Add(source);
        return _sources.Count - 1;
    }

    /// <summary>The file that a text comes from, by its number in the stage.</summary>
    public int SourceOf(int text) => _sources[text];

    public void Add(ReadOnlySpan<int> tokens, int secondStart, int label, int text, float weight = 1)
    {
        if (_writer is not null)
        {
            _writer.Add(tokens);
            _examples.Add(new Example(_used, tokens.Length, secondStart, label, text, weight));
            _used += tokens.Length;
            return;
        }

        if (_used > Array.MaxLength - tokens.Length)
        {
            throw new InvalidOperationException(
                "the data have more than two billion tokens; limit the files with 'limit', or keep those of plain text in 'token_cache'");
        }

        if (_used + tokens.Length > _tokens.Length)
            Array.Resize(ref _tokens, (int)Math.Min(Array.MaxLength, Math.Max(2L * _tokens.Length, _used + tokens.Length)));
        tokens.CopyTo(_tokens.AsSpan((int)_used));
        _examples.Add(new Example(_used, tokens.Length, secondStart, label, text, weight));
        _used += tokens.Length;
    }
}
