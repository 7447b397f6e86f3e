using SqueezeBert.Training.Data;
using SqueezeBert.Training.TeacherCaches;

namespace SqueezeBert.Training.Tests.TeacherCaches;

/// <summary>A key is that of what a model reads: the tokens, and where the second text begins.</summary>
public sealed class TextKeyTests
{
    [Fact]
    public void KeysAreEqualWhereModelsReadTheSame()
    {
        int[] tokens = [2, 7, 8, 3, 9, 3];
        var same = KeyOf(tokens, 4, label: 0);
        Assert.Equal(same, KeyOf(tokens, 4, label: 1));
        TextKey[] others =
        [
            KeyOf(tokens, 6, label: 0), KeyOf(tokens, 3, label: 0), KeyOf([2, 7, 8, 3, 10, 3], 4, label: 0),
            KeyOf(tokens[..5], 4, label: 0),
        ];
        Assert.Equal(4, others.Distinct().Count());
        Assert.DoesNotContain(same, others);

        // Each half tells them apart.
        Assert.All(others, other => Assert.True(other.Low != same.Low && other.High != same.High));
        Assert.NotEqual(same.Low, same.High);
    }

    private static TextKey KeyOf(int[] tokens, int secondStart, int label)
    {
        var set = new ExampleSet();
        set.Add(tokens, secondStart, label, text: 0);
        return TextKey.Of(set, set[0]);
    }
}
