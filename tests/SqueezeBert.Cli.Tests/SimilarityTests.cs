using System.Text.Json.Nodes;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Tests;

public sealed class SimilarityTests : IDisposable
{
    private const string Rows =
        "a\tb\tscore\ngood film\tvery good film\t4.5\nbad\tgood\t1\nfilm\tthe film\t4.5\nwas\tvery\t0\nvery bad\tbad\t3.75\n";
    private readonly TestTool _tool = new("squeezebert-encoder");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void FiguresAreTheCorrelationsOfTheCosines()
    {
        var file = _tool.Write("sts.tsv", Rows);
        using var embedder = TextEmbedder.Load(_tool.Model);
        var pairs = Rows.Split('\n')[1..^1].Select(row => row.Split('\t')).ToList();
        double[] cosines = [.. pairs.Select(pair => (double)embedder.Embed(pair[0]).Similarity(embedder.Embed(pair[1])))];
        double[] labels = [4.5, 1, 4.5, 0, 3.75];
        var json = JsonNode.Parse(Run("--data", file, "--json").Output)!;
        Assert.Equal((5, 0), ((int)json["examples"]!, (int)json["truncated"]!));
        Assert.Equal(RegressionMetrics.Pearson(labels, cosines), (double)json["pearson"]!);
        Assert.Equal(RegressionMetrics.Spearman(labels, cosines), (double)json["spearman"]!);

        using var text = new StringWriter();
        SimilarityReport.Of(labels, cosines).WriteText(text);
        Assert.StartsWith("pairs 5\npearson ", text.ToString(), StringComparison.Ordinal);
        Assert.Equal($"{file}\n\n{text}\n", Run("--data", file).Output);
    }

    [Fact]
    public void SeveralFilesAreReportedEachAndTogether()
    {
        var first = _tool.Write("first.tsv", Rows);
        var longText = string.Concat(Enumerable.Repeat("long ", 60));
        var second = _tool.Write("second.tsv", $"a\tb\tscore\ngood\tbad\t2\nfilm\tgood\t1\n{longText}\tx\t0\n");
        var lines = Run("--data", first, second, "--json").Lines.Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([5, 3, 8], lines.Select(line => (int)line["examples"]!));
        Assert.Equal([0, 1, 1], lines.Select(line => (int)line["truncated"]!));
        Assert.Equal((double)JsonNode.Parse(Run("--data", first, "--json").Output)!["spearman"]!, (double)lines[0]["spearman"]!);
    }

    [Fact]
    public void AConstantLabelHasNoCorrelation()
    {
        var file = _tool.Write("same.tsv", "a\tb\tscore\ngood\tbad\t2\nfilm\tgood\t2\n");
        Assert.Null(JsonNode.Parse(Run("--data", file, "--json").Output)!["spearman"]);
    }

    [Theory]
    [InlineData(2, "needs --pair", "--text", "a", "--label", "score")]
    [InlineData(2, "--labels does not go with", "--text", "a", "--pair", "b", "--label", "score", "--labels", "1=x")]
    [InlineData(1, "sts.tsv:2: 'good film' is not a number", "--text", "a", "--pair", "b", "--label", "a")]
    public void WrongUseIsTold(int code, string reason, params string[] arguments)
    {
        var file = _tool.Write("sts.tsv", Rows);
        Assert.Contains(reason,
            TestTool.Fails(code, ["evaluate", "--task", "similarity", "--model", _tool.Model, "--data", file, .. arguments]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void TheTextToCompareWithAndTheOthersHavePromptsOfTheirOwn()
    {
        File.WriteAllText(Path.Combine(_tool.Model, "config_sentence_transformers.json"),
            """{ "prompts": { "query": "good ", "passage": "bad " } }""");
        using var embedder = TextEmbedder.Load(_tool.Model);
        float Score(string query, string document) => embedder.Embed(query).Similarity(embedder.Embed(document));
        float Shown(params string[] options) => (float)JsonNode.Parse(
            TestTool.Run(["similar", "--model", _tool.Model, "--json", .. options]).Lines[0])!["score"]!;
        Assert.Equal(Score("good film", "very"), Shown("--prompt", "query", "film", "very"));
        Assert.Equal(Score("film", "bad very"), Shown("--document-prompt", "passage", "film", "very"));
        Assert.Equal(Score("good film", "bad very"), Shown("--prompt", "query", "--document-prompt", "passage", "film", "very"));
        Assert.NotEqual(Score("good film", "very"), Score("good film", "good very"));
        var file = _tool.Write("pairs.tsv", "document\tquery\nvery\tfilm\n");
        Assert.Equal(Score("good film", "bad very"), Shown(
            "--prompt", "query", "--document-prompt", "passage", "--file", file, "--text", "document", "--pair", "query"));
    }

    [Fact]
    public void TheModelInTheBoxMakesNoVectors() => Assert.Contains("needs --model",
        TestTool.Fails(2, "evaluate", "--task", "similarity", "--data", "x.tsv", "--pair", "b"), StringComparison.Ordinal);

    private ToolRun Run(params string[] arguments)
    {
        string[] shared = ["evaluate", "--task", "similarity", "--model", _tool.Model, "--text", "a", "--pair", "b", "--label", "score"];
        var run = TestTool.Run([.. shared, .. arguments]);
        run.Succeeds();
        return run;
    }
}
