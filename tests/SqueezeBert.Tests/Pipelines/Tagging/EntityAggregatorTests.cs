using SqueezeBert.Pipelines.Tagging;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines.Tagging;

/// <summary>The aggregations on scores made by hand.</summary>
public class EntityAggregatorTests
{
    private static readonly string[] Bio = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];
    private static readonly string[] Bioes = ["O", "B-PER", "I-PER", "E-PER", "S-PER"];

    [Theory]
    [InlineData("1 2 0 3 4", "PER 0-2", "LOC 3-5")]
    [InlineData("1 1 2", "PER 0-1", "PER 1-3")]
    [InlineData("2 2 0 4", "PER 0-2", "LOC 3-4")]
    [InlineData("1 4 2", "PER 0-1", "LOC 1-2", "PER 2-3")]
    [InlineData("0 0")]
    [InlineData("")]
    public void BioLabelsBecomeEntities(string labels, params string[] expected) => Assert.Equal(expected, Run(Bio, labels));

    [Theory]
    [InlineData("1 2 3 4 4", "PER 0-3", "PER 3-4", "PER 4-5")]
    [InlineData("3 3 2 3", "PER 0-1", "PER 1-2", "PER 2-4")]
    [InlineData("4 2 0 1 3", "PER 0-1", "PER 1-2", "PER 3-5")]
    public void BioesLabelsBecomeEntities(string labels, params string[] expected) => Assert.Equal(expected, Run(Bioes, labels));

    [Fact]
    public void LabelsWithoutASchemeAreKindsWhoseNeighboursBelongTogether() =>
        Assert.Equal(["E-mail 0-2", "NOUN 2-3"], Run(["O", "E-mail", "NOUN"], "1 1 2 0"));

    [Fact]
    public void WithoutAggregationEachTokenStandsAloneUnderItsWholeLabel()
    {
        var aggregator = new EntityAggregator(Bio, EntityAggregation.None, ["O"]);
        var entities = aggregator.Entities(Certain(5, [1, 2, 0]), [new(0, 3), new(3, 5), new(6, 9)], [0, 0, 1], "Lo##v ndo");
        Assert.Equal(
            [
                new Entity { Label = "B-PER", Text = "Lo#", Start = 0, End = 3, Score = 1 },
                new Entity { Label = "I-PER", Text = "#v", Start = 3, End = 5, Score = 1 },
            ],
            entities);
    }

    /// <summary>One word of two pieces, then one of one piece, whose scores differ.</summary>
    [Theory]
    [InlineData(EntityAggregation.Simple, "PER 0-2 0.600", "LOC 2-6 0.800")]
    [InlineData(EntityAggregation.First, "PER 0-4 0.600", "LOC 5-6 0.700")]
    [InlineData(EntityAggregation.Average, "LOC 0-6 0.625")]
    [InlineData(EntityAggregation.Max, "LOC 0-6 0.800")]
    public void WordsAreLabelledByTheirFirstMeanOrSurestPiece(EntityAggregation aggregation, params string[] expected)
    {
        // Average of the first word: PER (0.6 + 0) / 2, LOC (0.2 + 0.9) / 2 = 0.55; with the second word's 0.7 the mean is 0.625. All are
        // I-, so that neighbours join.
        string[] labels = ["O", "I-PER", "I-LOC"];
        float[] scores = [0.2f, 0.6f, 0.2f, 0.1f, 0, 0.9f, 0.3f, 0, 0.7f];
        var entities = new EntityAggregator(labels, aggregation, ["O"]).Entities(
            scores, [new(0, 2), new(2, 4), new(5, 6)], [0, 0, 1], "abcd e");
        Assert.Equal(expected,
            entities.Select(entity => FormattableString.Invariant($"{entity.Label} {entity.Start}-{entity.End} {entity.Score:0.000}")));
        Assert.All(entities, entity => Assert.Equal("abcd e"[entity.Start..entity.End], entity.Text));
    }

    [Fact]
    public void IgnoredLabelsAreLeftOutAndOthersAreNot()
    {
        var all = new EntityAggregator(Bio, EntityAggregation.Simple, []).Entities(
            Certain(5, [0, 1, 3]), [new(0, 1), new(1, 2), new(2, 3)], [0, 1, 2], "abc");
        Assert.Equal(["O", "PER", "LOC"], all.Select(entity => entity.Label));
        var some = new EntityAggregator(Bio, EntityAggregation.Simple, ["O", "PER"]).Entities(
            Certain(5, [0, 1, 3]), [new(0, 1), new(1, 2), new(2, 3)], [0, 1, 2], "abc");
        Assert.Equal(["LOC"], some.Select(entity => entity.Label));
    }

    private static IEnumerable<string> Run(string[] names, string labels)
    {
        var ids = labels.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        var offsets = ids.Select((_, i) => new TokenOffset(i, i + 1)).ToArray();
        var entities = new EntityAggregator(names, EntityAggregation.Simple, ["O"]).Entities(
            Certain(names.Length, ids), offsets, [.. Enumerable.Range(0, ids.Length)], "abcdefgh");
        return entities.Select(entity => FormattableString.Invariant($"{entity.Label} {entity.Start}-{entity.End}"));
    }

    private static float[] Certain(int width, int[] ids) =>
        [.. ids.SelectMany(id => Enumerable.Range(0, width).Select(label => label == id ? 1f : 0f))];
}
