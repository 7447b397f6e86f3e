using System.Text.Json.Nodes;

namespace SqueezeBert.Evaluation.Tests;

public class LabelTests
{
    [Fact]
    public void ValuesComeBeforeNamesAndNamesBeforeNumbers()
    {
        var labels = new LabelList(["positive", "negative", "0"],
            new Dictionary<string, string> { ["negative"] = "positive", ["5"] = "Negative" });
        Assert.Equal([0, 0, 1, 2, 1, 1], new[] { "positive", "negative", "NEGATIVE", "0", "1", "5" }.Select(Find));
        foreach (var unknown in new[] { "3", "-1", "", "+1", "good" }) Assert.False(labels.TryFind(unknown, out _), unknown);
        Assert.Contains("'x' stands for 'good', which is no label",
            Assert.Throws<ArgumentException>(() => new LabelList(["a"], new Dictionary<string, string> { ["x"] = "good" })).Message,
            StringComparison.Ordinal);

        int Find(string label) => labels.TryFind(label, out var index) ? index : -1;
    }

    /// <summary>Stars from 1 to 5: a file that counts from 0 must not be taken for one that counts from 1.</summary>
    [Fact]
    public void NamesThatAreNumbersHaveNoOtherNumbers()
    {
        var labels = new LabelList(["1", "2", "3"]);
        Assert.True(labels.TryFind("1", out var index) && index == 0);
        Assert.False(labels.TryFind("0", out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("a,b; c\td", "a", "b", "c", "d")]
    [InlineData("[\"a b\", 1]", "a b", "1")]
    [InlineData("[a", "[a")]
    public void LabelsOfAFieldAreSplit(string field, params string[] expected) => Assert.Equal(expected, LabelList.Split(field));

    [Fact]
    public void FiguresOfSeveralLabelsFollowTheirFormulas()
    {
        var report = new MultiLabelReport(["a", "b", "c"]);
        report.Add([true, false, false], [true, false, false]);
        report.Add([true, true, false], [false, true, false]);
        report.Add([false, true, false], [true, true, false]);
        report.Add([false, false, false], [false, true, false]);

        // a: 1 right, 1 missed, 1 too many; b: 2 right, 1 too many; c never.
        Assert.Equal(new ClassScores(0.5, 0.5, 0.5, 2, 2), report.Scores(0));
        Assert.Equal(new ClassScores(2.0 / 3, 1, 0.8, 2, 3), report.Scores(1));
        Assert.Equal(0.25, report.ExactMatch);
        Assert.Equal((0.5 + 0.8) / 3, report.F1(Averaging.Macro), 12);
        Assert.Equal(6.0 / 9, report.F1(Averaging.Micro), 12);
        Assert.Equal(0.65, report.F1(Averaging.Weighted), 12);
        Assert.Equal(0, new MultiLabelReport(["a"]).F1(Averaging.Micro));
        Assert.Throws<ArgumentException>(() => report.Add([true], [true]));

        using var text = new StringWriter();
        report.WriteText(text);
        Assert.Contains("b          66.67  100.00  80.00        2\n", text.ToString(), StringComparison.Ordinal);
        using var stream = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(stream)) report.WriteJson(writer);
        var json = JsonNode.Parse(stream.ToArray())!;
        Assert.Equal((4, 0.25, "c"), ((int)json["examples"]!, (double)json["exact_match"]!, (string)json["classes"]![2]!["label"]!));
    }
}
