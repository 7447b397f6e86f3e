using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Towers;

/// <summary>The texts of an example one after the other; the loss is told which texts are equal, and the score.</summary>
internal sealed class TowerWriter : ExampleWriter
{
    public override void Add(MicroBatch target, ExampleSet set, Example example, ulong key)
    {
        var numbers = set.Numbers(example);
        var texts = numbers.Length / 2;
        var tokens = set.Tokens(example);
        for (var i = 0; i < texts; i++)
        {
            AddTokens(target, tokens[..numbers[i]], numbers[i]);
            tokens = tokens[numbers[i]..];
            target.Labels.AddClass(numbers[texts + i]);
        }

        target.Labels.AddValues([BitConverter.Int32BitsToSingle(numbers[^1])]);
    }
}
