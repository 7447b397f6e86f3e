using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Tagging;

/// <summary>Sentences; the loss is told the tag of the first piece of each word.</summary>
internal sealed class TaggedExampleWriter : ExampleWriter
{
    public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
    {
        AddTokens(target, set.Tokens(example), example);
        var place = 0;
        var numbers = set.Numbers(example);
        for (var i = 0; i < numbers.Length; i += 3)
        {
            for (; place < numbers[i]; place++) target.Labels.AddClass(-1);
            target.Labels.AddClass(numbers[i + 2]);
            place++;
        }

        for (; place < example.Length; place++) target.Labels.AddClass(-1);
    }
}
