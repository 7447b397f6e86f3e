using SqueezeBert.Pipelines.Tagging;

namespace SqueezeBert.Tests.Pipelines.Tagging;

public sealed class TagDecoderTests
{
    private static readonly string[] Bio = ["O", "B-X", "I-X", "B-Y", "I-Y"];

    /// <summary>Of all sequences without an impossible tag, the best.</summary>
    [Theory]
    [InlineData("O,B-X,I-X,B-Y,I-Y")]
    [InlineData("O,B-X,I-X,E-X,S-X,E-mail")]
    [InlineData("NN,VB,I-Z")]
    public void TheBestPossibleSequenceIsFound(string names)
    {
        var labels = names.Split(',');
        var random = new Random(5);
        var decoder = new TagDecoder(labels);
        for (var round = 0; round < 60; round++)
        {
            var words = 1 + (round % 4);
            var scores = Enumerable.Range(0, words * labels.Length).Select(_ => (float)random.NextDouble()).ToArray();
            var tags = new int[words];
            decoder.Decode(scores, tags);
            var best = Sequences(words, labels.Length)
                .Where(sequence => IsPossible([.. sequence.Select(tag => labels[tag])], labels.Contains("E-X")))
                .MaxBy(sequence => sequence.Select((tag, word) => (double)scores[(word * labels.Length) + tag]).Sum());
            Assert.Equal(best, tags);
        }
    }

    [Fact]
    public void WhereNothingIsPossibleAsLittleAsCanBeIsImpossible()
    {
        var tags = new int[2];
        new TagDecoder(["I-X", "B-X", "E-X"]).Decode([5, 0, 0, 5, 0, 0], tags);
        Assert.Equal([1, 2], tags);
        tags = new int[1];
        new TagDecoder(["B-X", "E-X"]).Decode([0, 1], tags);
        Assert.Equal([1], tags);
    }

    [Fact]
    public void TheLabelsOfAnEntityAreChosenTogether()
    {
        // The second word is I-Y by itself, and then B-X, I-X is the best that goes together.
        float[] scores = [0.1f, 0.6f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.35f, 0.05f, 0.4f];
        var offsets = new[] { new SqueezeBert.Tokenization.TokenOffset(0, 1), new SqueezeBert.Tokenization.TokenOffset(2, 3) };
        var alone = new EntityAggregator(Bio, EntityAggregation.First, ["O"]);
        Assert.Equal(["X", "Y"], alone.Entities(scores, offsets, [0, 1], "a b").Select(entity => entity.Label));
        var together = new EntityAggregator(Bio, EntityAggregation.First, ["O"], new TagDecoder(Bio));
        var entity = Assert.Single(together.Entities(scores, offsets, [0, 1], "a b"));
        Assert.Equal(("X", "a b", (0.6f + 0.35f) / 2), (entity.Label, entity.Text, entity.Score));
    }

    // By the words of the schemes: with an end among the labels, an entity that has begun must go on until it ends.
    private static bool IsPossible(string[] tags, bool hasEnd)
    {
        var open = "";
        foreach (var tag in tags)
        {
            var (place, kind) = tag is ['B' or 'I' or 'E' or 'S', '-', 'X' or 'Y'] ? (tag[0], tag[2..]) : ('O', "");
            if (place is 'I' or 'E' && open != kind) return false;
            if (place is not ('I' or 'E') && hasEnd && open.Length > 0) return false;
            open = place is 'B' or 'I' ? kind : "";
        }

        return !(hasEnd && open.Length > 0);
    }

    private static IEnumerable<int[]> Sequences(int words, int labels)
    {
        var count = (int)Math.Pow(labels, words);
        for (var number = 0; number < count; number++)
        {
            var sequence = new int[words];
            for (int word = words - 1, rest = number; word >= 0; word--, rest /= labels) sequence[word] = rest % labels;
            yield return sequence;
        }
    }
}
