using System.Text.Json;

namespace SqueezeBert.Evaluation.Tests;

public sealed class EntityTests
{
    private const double Tolerance = 1e-14;

    [Fact]
    public void EntitiesEqualTheReference()
    {
        var compared = 0;
        foreach (var item in Golden.Read("entities.json").GetProperty("cases").EnumerateArray())
        {
            foreach (var (tags, expected) in item.GetProperty("predictions").EnumerateArray()
                .Zip(item.GetProperty("entities").EnumerateArray()))
            {
                var spans = expected.EnumerateArray()
                    .Select(span => new EntitySpan(span[0].GetString()!, span[1].GetInt32(), span[2].GetInt32() + 1));
                Assert.Equal(spans, EntityTags.Entities(Golden.Strings(tags)));
                compared++;
            }
        }

        Assert.Equal(47, compared);
    }

    [Theory]
    [InlineData(EntityMode.Lenient, "lenient", 47)]
    [InlineData(EntityMode.Strict, "strict", 34)]
    public void FiguresEqualTheReference(EntityMode mode, string name, int expected)
    {
        var compared = 0;
        foreach (var item in Golden.Read("entities.json").GetProperty("cases").EnumerateArray())
        {
            if (!item.TryGetProperty(name, out var figures)) continue;
            var report = new EntityReport(mode);
            foreach (var (labels, predictions) in item.GetProperty("labels").EnumerateArray()
                .Zip(item.GetProperty("predictions").EnumerateArray()))
                report.Add(Golden.Strings(labels), Golden.Strings(predictions));
            var actual = report.Figures().ToDictionary(figure => figure.Name, figure => figure.Value);
            foreach (var figure in figures.EnumerateObject())
            {
                Assert.Equal(figure.Value.GetDouble(), actual[figure.Name], Tolerance);
                compared++;
            }
        }

        Assert.Equal(expected, compared);
    }

    [Fact]
    public void ATagWithoutAPlaceIsAKindWhoseNeighboursBelongTogether() => Assert.Equal(
        [new EntitySpan("PER", 0, 2), new EntitySpan("E-mail", 2, 3)], EntityTags.Entities(["PER", "PER", "I-E-mail"]));

    [Fact]
    public void StrictTagsAreThoseOfBioOnly()
    {
        Assert.Throws<ArgumentException>(() => EntityTags.Entities(["E-PER"], EntityMode.Strict));
        Assert.Throws<ArgumentException>(() => EntityTags.Entities([""]));
        Assert.Throws<ArgumentException>(() => new EntityReport().Add(["O"], ["O", "O"]));
    }

    [Fact]
    public void LabelsWithoutPlacesAreNoEntities()
    {
        Assert.True(EntityTags.HaveEntities(["O", "B-PER", "I-PER"]));
        Assert.False(EntityTags.HaveEntities(["NOUN", "VERB", "INTJ"]));
    }

    [Fact]
    public void TheReportIsJsonAndText()
    {
        var report = new EntityReport();
        report.Add(["B-PER", "I-PER", "O", "B-LOC"], ["B-PER", "I-PER", "O", "B-ORG"]);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) report.WriteJson(writer);
        using var json = JsonDocument.Parse(stream.ToArray());
        Assert.Equal(4, json.RootElement.GetProperty("words").GetInt32());
        Assert.Equal(0.5, json.RootElement.GetProperty("f1").GetDouble());
        Assert.Equal("LOC", json.RootElement.GetProperty("classes")[0].GetProperty("label").GetString());

        using var text = new StringWriter();
        report.WriteText(text);
        Assert.StartsWith("sentences 1\nwords 4\nprecision 50.00\n", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("PER       100.00  100.00  100.00        1\n", text.ToString(), StringComparison.Ordinal);
    }
}
