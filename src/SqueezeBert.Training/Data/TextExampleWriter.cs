namespace SqueezeBert.Training.Data;

/// <summary>Texts without labels.</summary>
internal sealed class TextExampleWriter : ExampleWriter
{
    public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key) =>
        AddTokens(target, set.Tokens(example), example);
}
