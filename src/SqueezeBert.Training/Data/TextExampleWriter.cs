namespace SqueezeBert.Training.Data;

/// <summary>Writes texts without labels.</summary>
internal sealed class TextExampleWriter : ExampleWriter
{
    public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key) =>
        AddTokens(target, set.Tokens(example), example);
}
