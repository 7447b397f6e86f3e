namespace SqueezeBert.Training.Data;

/// <summary>
/// Puts the examples of a task into batches: the tokens that the model reads, and the labels for the loss. Only one thread at a time may
/// use it.
/// </summary>
internal abstract class ExampleWriter
{
    private int[] _types = new int[512];

    /// <summary>Adds an example.</summary>
    /// <param name="target">Receives tokens and labels.</param>
    /// <param name="set">Where the example's tokens are.</param>
    /// <param name="example">The example.</param>
    /// <param name="key">Everything random follows from it.</param>
    public abstract void Add(MicroBatch target, ExampleSet set, Example example, ulong key);

    /// <summary>Adds the tokens with their types.</summary>
    protected void AddTokens(MicroBatch target, ReadOnlySpan<int> tokens, Example example) =>
        AddTokens(target, tokens, example.SecondStart);

    /// <summary>Adds the tokens of a text, of which an example may have several.</summary>
    protected void AddTokens(MicroBatch target, ReadOnlySpan<int> tokens, int secondStart)
    {
        if (_types.Length < tokens.Length) _types = new int[Math.Max(tokens.Length, 2 * _types.Length)];
        var types = _types.AsSpan(0, tokens.Length);
        types.Clear();
        types[secondStart..].Fill(1);
        target.Batch.Add(tokens, types);
    }
}
