namespace SqueezeBert.Training.Data;

/// <summary>
/// Writes examples with masks. The labels are the tokens behind the masks. Each example has its own masks, which depend on the key of the
/// step.
/// </summary>
internal sealed class MaskedExampleWriter(TokenMasking masking) : ExampleWriter
{
    private int[] _tokens = new int[512];
    private int[] _places = new int[512];
    private int[] _labels = new int[512];

    public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
    {
        Reserve(example.Length);
        var tokens = _tokens.AsSpan(0, example.Length);
        set.Tokens(example).CopyTo(tokens);
        var firstRow = target.Batch.TokenCount;
        var masked = masking.Apply(tokens, key, _places, _labels);
        AddTokens(target, tokens, example);
        for (var i = 0; i < masked; i++)
        {
            target.Batch.Select(firstRow + _places[i]);
            target.Labels.AddClass(_labels[i]);
        }
    }

    private void Reserve(int length)
    {
        if (length <= _tokens.Length) return;
        var size = Math.Max(length, 2 * _tokens.Length);
        _tokens = new int[size];
        _places = new int[size];
        _labels = new int[size];
    }
}
