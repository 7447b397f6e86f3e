using System.Text.Json;

namespace SqueezeBert.Evaluation.Tests;

public sealed class RetrievalTests
{
    [Fact]
    public void FiguresEqualTheReference()
    {
        var sums = new Dictionary<string, double>();
        var all = new RetrievalReport();
        var queries = Golden.Read("retrieval.json").GetProperty("queries").EnumerateArray().ToList();
        Assert.Equal(16, queries.Count);
        foreach (var query in queries)
        {
            var (ranked, judged) = (Golden.Numbers(query.GetProperty("ranked")), Golden.Numbers(query.GetProperty("judged")));
            var report = new RetrievalReport();
            report.Add(ranked, judged);
            all.Add(ranked, judged);
            foreach (var (name, value) in report.Figures())
            {
                var golden = query.GetProperty(name).GetDouble();
                Assert.Equal(golden, value, 1e-14);
                sums[name] = sums.GetValueOrDefault(name) + golden;
            }
        }

        Assert.Equal(5, sums.Count);
        Assert.All(all.Figures(), figure => Assert.Equal(sums[figure.Name] / queries.Count, figure.Value, 1e-13));
    }

    /// <summary>As BEIR does: in its sets such a document is the query.</summary>
    [Fact]
    public void ADocumentWithTheIdOfTheQueryIsNotFound()
    {
        var set = new RetrievalSet(
            "own", [("1", "a good film"), ("2", "a very bad film indeed"), ("3", "good film")], [("1", "a good film")],
            new Dictionary<string, IReadOnlyDictionary<string, double>> { ["1"] = new Dictionary<string, double> { ["3"] = 1 } });
        Assert.All(RetrievalEvaluation.EvaluateBaseline(set).Report.Figures(), figure => Assert.Equal(1, figure.Value));
    }

    [Fact]
    public void AQueryWithoutARelevantDocumentTakesNoPart()
    {
        var report = new RetrievalReport();
        report.Add([0, 0], []);
        Assert.Equal((0, 1), (report.Examples, report.Unjudged));
        Assert.All(report.Figures(), figure => Assert.True(double.IsNaN(figure.Value)));
        report.Add([0, 1], [1, 1]);
        Assert.Equal((1, 1), (report.Examples, report.Unjudged));
        Assert.Equal(0.5, report.Figures().Single(figure => figure.Name == "mrr_at_10").Value);
        Assert.Throws<ArgumentOutOfRangeException>(() => report.Add([1, 1], [1]));
    }

    [Fact]
    public void TheReportIsJsonAndText()
    {
        var report = new RetrievalReport();
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) report.WriteJson(writer);
        using var json = JsonDocument.Parse(stream.ToArray());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("ndcg_at_10").ValueKind);
        report.Add([1], [1]);
        report.Add([], []);
        using var text = new StringWriter();
        report.WriteText(text);
        Assert.StartsWith("queries 1\nwithout a relevant document 1\nndcg_at_10 100.00\n", text.ToString(), StringComparison.Ordinal);
    }
}
