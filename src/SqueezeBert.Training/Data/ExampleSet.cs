namespace SqueezeBert.Training.Data;

/// <summary>An example: a range of tokens with its label.</summary>
/// <param name="Start">The first token in the set.</param>
/// <param name="Length">The number of tokens, including special tokens.</param>
/// <param name="SecondStart">The number of tokens before the second text of a pair, or <see cref="Length"/> without a second text.</param>
/// <param name="Label">The class id, or the index of the first value or number.</param>
/// <param name="Text">The number of the text, which all windows of a text share.</param>
/// <param name="Weight">
/// The weight of the window in the scores of its text. The weights of a text add up to 1, and only a whole text has weight 1.
/// </param>
internal readonly record struct Example(long Start, int Length, int SecondStart, int Label, int Text, float Weight);

/// <summary>A set of examples with their tokens, in one array or in files that are mapped into memory.</summary>
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

    /// <summary>The number of texts. The windows of a text count once.</summary>
    public virtual int TextCount => _sources.Count;

    public virtual Example this[int index] => _examples[index];

    public virtual ReadOnlySpan<int> Tokens(Example example) => _mapped is null
        ? _tokens.AsSpan((int)example.Start, example.Length) : _mapped.Span(example.Start, example.Length);

    /// <summary>Makes the set write added tokens to files. They cannot be read until <see cref="ReadFrom"/> gives their source.</summary>
    public void WriteTo(TokenShardWriter writer) => _writer = writer;

    /// <summary>Makes the set read its tokens from files, of which it takes ownership.</summary>
    public void ReadFrom(MappedTokens tokens) => (_writer, _mapped) = (null, tokens);

    /// <summary>Removes all examples and texts.</summary>
    public void Clear()
    {
        _examples.Clear();
        _sources.Clear();
        (_writer, _used) = (null, 0);
    }

    /// <summary>Adds an example whose tokens are the next ones in the files.</summary>
    public void AddMapped(int length, int secondStart, int label, int text)
    {
        _examples.Add(new Example(_used, length, secondStart, label, text, 1));
        _used += length;
    }

    /// <summary>
    /// Returns the number of the data set to which an example belongs. Examples of different data sets never share a batch.
    /// </summary>
    public virtual int PartOf(Example example) => 0;

    /// <summary>Returns the data set that an example was read into, and its number there.</summary>
    public virtual (ExampleSet Set, int Example) OwnerOf(int index) => (this, index);

    /// <summary>
    /// Returns whether a text is among the <paramref name="limit"/> texts of its data set that are evaluated. They are evenly distributed.
    /// </summary>
    public virtual bool IsChosen(int text, int limit) => EvenSample.IsChosen(text, limit, TextCount);

    /// <summary>Values of an example of regression or multi-label classification.</summary>
    public ReadOnlySpan<float> Values(Example example, int count) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_values).Slice(example.Label, count);

    /// <summary>Adds values and returns the label by which examples refer to them.</summary>
    public int AddValues(ReadOnlySpan<float> values)
    {
        var first = _values.Count;
        foreach (var value in values) _values.Add(value);
        return first;
    }

    /// <summary>Adds numbers after their count and returns the label by which examples refer to them.</summary>
    public int AddNumbers(ReadOnlySpan<int> numbers)
    {
        var first = _numbers.Count;
        _numbers.Add(numbers.Length);
        foreach (var number in numbers) _numbers.Add(number);
        return first;
    }

    /// <summary>Returns the numbers that were added together for an example.</summary>
    public ReadOnlySpan<int> Numbers(Example example) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_numbers).Slice(example.Label + 1, _numbers[example.Label]);

    /// <summary>Begins a text from a file of the stage and returns its number.</summary>
    public int AddText(int source)
    {
        _sources.Add(source);
        return _sources.Count - 1;
    }

    /// <summary>Returns the number of the file that a text comes from.</summary>
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
