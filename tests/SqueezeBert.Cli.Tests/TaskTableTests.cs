using System.Globalization;
using System.Text.Json.Nodes;

namespace SqueezeBert.Cli.Tests;

/// <summary>Tables through the commands of the tasks: rows pass through in their order, with what the library says behind them.</summary>
public class TaskTableTests
{
    private const string Csv = "id,a,b\n1,\"the film, very\ngood\",bad\n2,,film\n3,was good,the film was very very good\n";
    private static readonly string[] First = ["the film, very\ngood", "", "was good"];
    private static readonly string[] Second = ["bad", "film", "the film was very very good"];
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("the film was very good", 20));

    [Fact]
    public void ZeroShotAndPairAddLabelAndScore()
    {
        using var tool = new TestTool();
        var file = tool.Write("a.csv", Csv);
        using var zeroShot = ZeroShotClassifier.Load(tool.Model, new ZeroShotClassifierOptions { EntailmentLabel = "LABEL_1" });
        string[] arguments = ["zero-shot", "--model", tool.Model, "--entailment", "LABEL_1", "--label", "good", "--label", "very bad",
            "--file", file, "--text", "a"];
        var expected = zeroShot.Classify(First, ["good", "very bad"]);
        Assert.Equal(Table("label,score,truncated", expected.Select(answer => $"{answer.Label},{Cell(answer.Score)},false")),
            TestTool.Run(arguments).Output);
        Assert.Equal(
            Table("label,score,label_2,score_2,truncated",
                expected.Select(
                    answer => $"{answer.Label},{Cell(answer.Score)},{answer.Labels[1].Label},{Cell(answer.Labels[1].Score)},false")),
            TestTool.Run([.. arguments, "--top", "2"]).Output);

        using var classifier = TextClassifier.Load(tool.Model);
        var pairs = classifier.ClassifyStream(First.Zip(Second, (a, b) => new TextPair(a, b))).ToList();
        Assert.Equal(
            Table("label,score,truncated", pairs.Select(answer => $"{answer.Label},{Cell(answer.Score)},false")),
            TestTool.Run("pair", "--model", tool.Model, "--file", file, "--text", "a", "--pair", "b").Output);
        var json =
            Rows(TestTool.Run("pair", "--model", tool.Model, "--file", file, "--text", "a", "--pair", "b", "--json", "--windows",
                "--prefix", "x_"));
        Assert.Equal(["id", "a", "b", "x_label", "x_score", "x_labels", "x_truncated", "x_windows"],
            json[0].Select(property => property.Key));
        Assert.Equal(pairs.Select(answer => answer.Score), json.Select(row => (float)row["x_score"]!));
    }

    [Fact]
    public void EmbedTagFillAndFeaturesAddTheirResults()
    {
        using (var tool = new TestTool("squeezebert-encoder"))
        {
            var file = tool.Write("a.jsonl", "{\"t\": \"good film\", \"n\": 1}\n{\"n\": 2, \"t\": \"bad\"}\n");
            using var embedder = TextEmbedder.Load(tool.Model);
            var embedded = Rows(TestTool.Run("embed", "--model", tool.Model, "--file", file, "--text", "t"));
            Assert.Equal(["t", "n", "embedding", "tokens", "truncated"], embedded[0].Select(property => property.Key));
            Assert.Equal(embedder.Embed("bad").Vector.ToArray(), embedded[1]["embedding"]!.AsArray().Select(value => (float)value!));
            using var extractor = FeatureExtractor.Load(tool.Model);
            var features = Rows(TestTool.Run("features", "--model", tool.Model, "--file", file, "--text", "t"));
            Assert.Equal(extractor.Extract("bad")[1].ToArray(),
                features[1]["tokens"]![1]!["features"]!.AsArray().Select(value => (float)value!));
            var tsv = TestTool.RunOn("bad\tx\n", "embed", "--model", tool.Model, "--dimensions", "2", "--file", "-", "--format", "tsv",
                "--no-header", "--text", "0").Lines;
            using var two = TextEmbedder.Load(tool.Model, new TextEmbedderOptions { Dimensions = 2 });
            var vector = two.Embed("bad").Vector.ToArray();
            Assert.Equal([$"bad\tx\t[{Cell(vector[0])},{Cell(vector[1])}]\t3\tfalse"], tsv);
        }

        using (var tool = new TestTool("squeezebert-token-classification"))
        {
            using var classifier = TokenClassifier.Load(tool.Model);
            var lines = TestTool.Run("tag", "--model", tool.Model, "--file", tool.Write("a.tsv", "t\nthe film\n"), "--text", "t").Lines;
            Assert.Equal("t\tentities\twindows\ttruncated", lines[0]);
            var entities = JsonNode.Parse(lines[1].Split('\t')[1])!.AsArray();
            Assert.Equal(classifier.Classify("the film").Entities.Select(entity => entity.Text),
                entities.Select(entity => (string)entity!["text"]!));
        }

        using (var tool = new TestTool("squeezebert-masked-lm"))
        {
            using var filler = MaskFiller.Load(tool.Model);
            var rows =
                Rows(TestTool.Run("fill", "--model", tool.Model, "--file", tool.Write("a.csv", "t,filled\nthe [MASK],x\n"), "--text", "t",
                    "--json"));
            Assert.Equal(filler.Fill("the [MASK]").Text, (string)rows[0]["predicted_filled"]!);
            Assert.Equal("x", (string)rows[0]["filled"]!);
        }
    }

    [Fact]
    public void SimilarRanksTheRowsOrScoresTheirPairs()
    {
        using var tool = new TestTool("squeezebert-encoder");
        using var embedder = TextEmbedder.Load(tool.Model);
        var file = tool.Write("a.csv", Csv);
        var query = embedder.Embed("very good");
        var ranked = First.Select((text, i) => (Row: i, Score: query.Similarity(embedder.Embed(text))))
            .OrderByDescending(item => item.Score).ToList();
        var rows = Rows(TestTool.Run("similar", "--model", tool.Model, "--file", file, "--text", "a", "--top", "2", "--json", "very good"));
        Assert.Equal(ranked.Take(2).Select(item => ((item.Row + 1).ToString(CultureInfo.InvariantCulture), item.Score)),
            rows.Select(row => ((string)row["id"]!, (float)row["score"]!)));
        var pairs = First.Zip(Second, (a, b) => embedder.Embed(a).Similarity(embedder.Embed(b)));
        Assert.Equal(Table("score,truncated", pairs.Select(score => $"{Cell(score)},false")),
            TestTool.Run("similar", "--model", tool.Model, "--file", file, "--text", "a", "--pair", "b").Output);
    }

    [Fact]
    public void RerankRanksTheRowsOrScoresTheirPairs()
    {
        using var tool = new TestTool();
        using var reranker = TextReranker.Load(tool.Model, new TextRerankerOptions { RelevantLabel = "LABEL_1" });
        var file = tool.Write("a.csv", Csv);
        string[] shared = ["rerank", "--model", tool.Model, "--relevant", "LABEL_1", "--file", file, "--text", "a"];
        Assert.Equal(
            reranker.Rank("very good", First).Take(2)
                .Select(item => ((item.Index + 1).ToString(CultureInfo.InvariantCulture), item.Score)),
            Rows(TestTool.Run([.. shared, "--top", "2", "--json", "very good"])).Select(row => ((string)row["id"]!, (float)row["score"]!)));
        Assert.Equal(
            Table("score,truncated", First.Zip(Second, (a, b) => $"{Cell(reranker.Rank(b, [a])[0].Score)},false")),
            TestTool.Run([.. shared, "--pair", "b"]).Output);
        Assert.StartsWith("squeezebert rerank: truncated 1 of 2 texts",
            TestTool.Run("rerank", "--model", tool.Model, "--relevant", "LABEL_1", "query", Long, "good").Error, StringComparison.Ordinal);
        Assert.Contains("RelevantLabel (--relevant)", TestTool.Fails(1, "rerank", "--model", tool.Model, "a", "b"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ChooseTakesColumnsOfChoicesOrOneOfLists()
    {
        using var tool = new TestTool("squeezebert-multiple-choice");
        using var selector = ChoiceSelector.Load(tool.Model);
        var expected = selector.Choose("the film was", ["good", "very bad"]);
        var row = $"{expected.Best.Text},{expected.Best.Index},{Cell(expected.Best.Score)},false";
        string[] arguments = ["choose", "--model", tool.Model, "--text", "p", "--file"];
        Assert.Equal(
            ["p,x,y,choice,index,score,truncated", $"the film was,good,very bad,{row}"],
            TestTool.Run(
                [.. arguments, tool.Write("a.csv", "p,x,y\nthe film was,good,very bad\n"), "--choice", "x", "--choice", "y"]).Lines);
        var list = tool.Write("a.jsonl",
            "{\"p\":\"the film was\",\"c\":[\"good\",\"very bad\"]}\n{\"p\":\"\",\"c\":[\"good\"]}\n{\"p\":\"\",\"c\":\"good\"}\n");
        var run = TestTool.Run([.. arguments, list, "--choice", "c"]);
        Assert.Equal(1, run.Code);
        Assert.Equal([expected.Best.Text, "good"], run.Lines.Select(line => (string)JsonNode.Parse(line)!["choice"]!));
        Assert.Contains("a.jsonl:3: column 'c' has no JSON array of texts", TestTool.OneLine(run.Error), StringComparison.Ordinal);
    }

    [Fact]
    public void AnswerTakesQuestionsAndDocumentsOfRows()
    {
        using var tool = new TestTool("squeezebert-question-answering");
        using var answerer = QuestionAnswerer.Load(tool.Model);
        var file = tool.Write("a.jsonl", $"{{\"q\":\"was it good?\",\"d\":\"{Long}\"}}\n{{\"q\":\"what?\",\"d\":\"the film\"}}\n");
        var expected = new[] { answerer.Answer("was it good?", Long), answerer.Answer("what?", "the film") };
        var rows = Rows(TestTool.Run("answer", "--model", tool.Model, "--file", file, "--text", "q", "--pair", "d"));
        Assert.Equal(expected.Select(answer => (answer.Best!.Value.Text, answer.Read.WindowCount)),
            rows.Select(row => ((string)row["answer"]!, (int)row["windows"]!)));
        var one = Rows(TestTool.Run("answer", "--model", tool.Model, "--file", file, "--text", "q", "--context", "the film"));
        Assert.Equal(expected[1].Best!.Value.Probability, (float)one[1]["score"]!);
        var columns = TestTool.Run("answer", "--model", tool.Model, "--file", tool.Write("a.csv", "q\nwhat?\n"), "--text", "q", "--context",
            "the film").Lines;
        Assert.Equal("q,answer,start,end,score,no_answer_score,windows,truncated,question_truncated", columns[0]);
        Assert.StartsWith($"what?,{expected[1].Best!.Value.Text},", columns[1], StringComparison.Ordinal);
    }

    [Fact]
    public void HalfASurrogatePairIsOrdinaryText()
    {
        using var tool = new TestTool("squeezebert-multiple-choice");
        var file = tool.Write("a.jsonl", """{"t":"a \ud800 b","n":{"x": "\uDC00"},"c":["\ud800","b"]}""");
        var run = TestTool.Run("choose", "--model", tool.Model, "--file", file, "--text", "t", "--choice", "c");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.StartsWith("""{"t":"a \ud800 b","n":{"x": "\uDC00"},"c":["\ud800","b"],"choice":""", Assert.Single(run.Lines),
            StringComparison.Ordinal);
    }

    [Fact]
    public void CutTextsAreCountedOnStandardErrorAndWindowsReadThem()
    {
        using var tool = new TestTool("squeezebert-encoder");
        var file = tool.Write("a.csv", $"t\n{Long}\ngood\n{Long}\n");
        Assert.Equal("squeezebert embed: truncated 2 of 3 texts; --windows reads all of a text\n",
            TestTool.Run("embed", "--model", tool.Model, "--file", file, "--text", "t").Error);
        using var embedder = TextEmbedder.Load(tool.Model, new TextEmbedderOptions { Reading = new() { LongText = LongText.Windows } });
        var run = TestTool.Run("embed", "--model", tool.Model, "--file", file, "--text", "t", "--windows", "--json");
        Assert.Empty(run.Error);
        var first = Rows(run)[0];
        Assert.Equal((false, embedder.Embed(Long).Read.WindowCount), ((bool)first["truncated"]!, (int)first["windows"]!));
        Assert.Equal(embedder.Embed(Long).Vector.ToArray(), first["embedding"]!.AsArray().Select(value => (float)value!));
        Assert.Contains("truncated 2 of 4 texts; ",
            TestTool.Run("similar", "--model", tool.Model, "--file", file, "--text", "t", "bad").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name the column of the texts with --text", "embed", "--file", "x.csv")]
    [InlineData("name the column of the texts with --text", "pair", "--file", "x.jsonl")]
    [InlineData("--text needs --pair", "pair", "--file", "x.csv", "--text", "a")]
    [InlineData("--pair needs --text", "similar", "--file", "x.csv", "--pair", "a")]
    [InlineData("give neither a text nor --top", "similar", "--file", "x.csv", "--text", "a", "--pair", "b", "text")]
    [InlineData("give the text to compare with", "similar", "--file", "x.csv", "--text", "a")]
    [InlineData("--text and --choice name the columns", "choose", "--file", "x.csv", "--text", "a")]
    [InlineData("--text and --choice name the columns", "choose", "--choice", "a", "prompt", "text")]
    [InlineData("the prompts are in the table", "choose", "--file", "x.csv", "--text", "a", "--choice", "b", "prompt")]
    [InlineData("give the column of the documents with --pair", "answer", "--file", "x.csv", "--text", "a")]
    [InlineData("the questions are in the table", "answer", "--file", "x.csv", "--text", "a", "--context", "c", "question")]
    [InlineData("--prefix and --no-header are for tables", "tag", "--file", "x.txt", "--prefix", "p")]
    public void WhatDoesNotFitTogetherIsTold(string expected, string command, params string[] arguments) =>
        Assert.Contains(expected, TestTool.Fails(2, [command, "--model", "x", .. arguments]), StringComparison.Ordinal);

    [Theory]
    [InlineData("embed")]
    [InlineData("features")]
    [InlineData("similar", "query")]
    public void AColumnThatIsNotThereIsToldWithThoseThatAre(params string[] arguments)
    {
        using var tool = new TestTool("squeezebert-encoder");
        var error = TestTool.Fails(1, [.. arguments, "--model", tool.Model, "--file", tool.Write("a.csv", Csv), "--text", "c"]);
        Assert.Contains("no column 'c'", error, StringComparison.Ordinal);
        Assert.Contains("'id'", error, StringComparison.Ordinal);
    }

    private static string Cell(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The rows of <see cref="Csv"/> with cells behind them.</summary>
    private static string Table(string header, IEnumerable<string> cells)
    {
        string[] rows = ["1,\"the film, very\ngood\",bad", "2,,film", "3,was good,the film was very very good"];
        return $"id,a,b,{header}\n" + string.Concat(rows.Zip(cells, (row, cell) => $"{row},{cell}\n"));
    }

    private static List<JsonObject> Rows(ToolRun run)
    {
        Assert.Equal((0, ""), (run.Code, run.Error));
        return [.. run.Lines.Select(line => JsonNode.Parse(line)!.AsObject())];
    }
}
