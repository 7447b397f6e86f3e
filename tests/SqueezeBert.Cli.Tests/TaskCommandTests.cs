using System.Globalization;
using System.Text.Json;

namespace SqueezeBert.Cli.Tests;

/// <summary>The commands of the tasks say what the library says.</summary>
public class TaskCommandTests
{
    private const string Text = "the film was very good";
    private static readonly string Long = string.Join(' ', Enumerable.Repeat(Text, 20));

    [Fact]
    public void AnswerPrintsAnswersAndWhereTheyAre()
    {
        using var tool = new TestTool("squeezebert-question-answering");
        using var answerer = QuestionAnswerer.Load(tool.Model);
        var expected = answerer.Answer("was it good?", Long);
        var plain = TestTool.Run("answer", "--model", tool.Model, "--context", Long, "--top", "2", "was it good?", "what?");
        Assert.Equal((0, ""), (plain.Code, plain.Error));
        Assert.Equal(4, plain.Lines.Length);
        Assert.Equal(expected.Answers.Take(2).Select(answer => $"{Plain(answer.Probability)}  {answer.Text}"), plain.Lines[..2]);

        var file = tool.Write("document.txt", Long);
        var json = Json(TestTool.Run("answer", "--model", tool.Model, "--file", file, "--json", "was it good?"));
        Assert.Equal(expected.Best!.Value.Text, json.GetProperty("answer").GetString());
        Assert.Equal((expected.Best.Value.Start, expected.Best.Value.End),
            (json.GetProperty("start").GetInt32(), json.GetProperty("end").GetInt32()));
        Assert.Equal(expected.Answers.Count, json.GetProperty("answers").GetArrayLength());
        Assert.Equal(expected.Read.WindowCount, json.GetProperty("windows").GetInt32());
        Assert.False(json.GetProperty("truncated").GetBoolean());
        var none =
            Json(TestTool.Run("answer", "--model", tool.Model, "--context", Long, "--json", "--no-answer", "--threshold", "-1000",
                "--truncate", "was it good?"));
        Assert.Equal(JsonValueKind.Null, none.GetProperty("answer").ValueKind);
        Assert.True(none.GetProperty("truncated").GetBoolean());
        Assert.Contains("(no answer)",
            TestTool.Run("answer", "--model", tool.Model, "--context", Long, "--no-answer", "--threshold", "-1000", "what?").Output,
            StringComparison.Ordinal);
        Assert.Equal(0, TestTool.RunOn(Long, "answer", "--model", tool.Model, "--file", "-", "what?").Code);
    }

    [Fact]
    public void EmbedPrintsVectorsAndSimilarRanksTexts()
    {
        using var tool = new TestTool("squeezebert-encoder");
        using var embedder = TextEmbedder.Load(tool.Model, new TextEmbedderOptions { Dimensions = 4 });
        var expected = embedder.Embed(Text).Vector.ToArray();
        var plain = TestTool.Run("embed", "--model", tool.Model, "--dimensions", "4", Text, "good");
        Assert.Equal((0, 2), (plain.Code, plain.Lines.Length));
        Assert.Equal(expected, plain.Lines[0].Split(' ').Select(value => float.Parse(value, CultureInfo.InvariantCulture)));
        var json =
            Json(TestTool.RunOn(Long + "\n", "embed", "--model", tool.Model, "--pooling", "cls", "--normalize", "--json", "--file", "-"));
        Assert.Equal(1, json.GetProperty("embedding").EnumerateArray().Sum(value => value.GetDouble() * value.GetDouble()), 1e-5);
        Assert.True(json.GetProperty("truncated").GetBoolean());

        var lines = TestTool.Run("similar", "--model", tool.Model, Text, "bad", Text, "good").Lines;
        Assert.Equal(3, lines.Length);
        Assert.Equal($"1.0000  {Text}", lines[0]);
        var file = tool.Write("texts.txt", $"bad\n{Text}\ngood\n");
        Assert.Equal(lines[..2], TestTool.Run("similar", "--model", tool.Model, "--file", file, "--top", "2", Text).Lines);
    }

    [Fact]
    public void FillPrintsTheBestWordsOrTheTargets()
    {
        using var tool = new TestTool("squeezebert-masked-lm");
        using var filler = MaskFiller.Load(tool.Model, new MaskFillerOptions { Top = 2 });
        var expected = filler.Fill("the [MASK] was");
        var plain = TestTool.Run("fill", "--model", tool.Model, "--top", "2", "the [MASK] was");
        Assert.Equal([expected.Text,
            "  " + string.Join("  ", expected.Masks[0].Tokens.Select(token => $"{token.Token} {Plain(token.Score)}"))], plain.Lines);
        var json = Json(TestTool.Run("fill", "--model", tool.Model, "--target", "good", "--target", "bad", "--json", "[MASK] film [MASK]"));
        var masks = json.GetProperty("masks").EnumerateArray().ToList();
        Assert.Equal(2, masks.Count);
        Assert.Equal(["bad", "good"], masks[1].GetProperty("tokens").EnumerateArray()
            .Select(token => token.GetProperty("token").GetString()).Order(StringComparer.Ordinal));
        Assert.Contains("'goodbad'", TestTool.Fails(1, "fill", "--model", tool.Model, "--target", "goodbad", "[MASK]"),
            StringComparison.Ordinal);
        Assert.Contains("no [MASK]", TestTool.Run("fill", "--model", tool.Model, "good").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void TagPrintsEntitiesAndWhereTheyAre()
    {
        using var tool = new TestTool("squeezebert-token-classification");
        using var classifier = TokenClassifier.Load(tool.Model, new TokenClassifierOptions { Aggregation = EntityAggregation.Max });
        var expected = classifier.Classify(Text).Entities;
        var lines = TestTool.Run("tag", "--model", tool.Model, "--aggregation", "max", Text).Lines;
        Assert.Equal(
            [Text, .. expected.Select(entity => FormattableString.Invariant(
                $"  {entity.Label}  {Plain(entity.Score)}  {entity.Start}-{entity.End}  {entity.Text}"))], lines);
        var json = Json(TestTool.Run("tag", "--model", tool.Model, "--windows", "--ignore", "O", "--json", Long));
        Assert.Equal((false, true), (json.GetProperty("truncated").GetBoolean(), json.GetProperty("windows").GetInt32() > 1));
        Assert.True(Json(TestTool.Run("tag", "--model", tool.Model, "--json", Long)).GetProperty("truncated").GetBoolean());
        Assert.Contains("none, simple, first, average, max", TestTool.Fails(2, "tag", "--model", tool.Model, "--aggregation", "some", Text),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ZeroShotAndPairPrintLabels()
    {
        using var tool = new TestTool();
        using var zeroShot = ZeroShotClassifier.Load(
            tool.Model, new ZeroShotClassifierOptions { EntailmentLabel = "LABEL_1", HypothesisTemplate = "was {}" });
        string[] arguments = ["zero-shot", "--model", tool.Model, "--entailment", "LABEL_1", "--template", "was {}", "--label", "good",
            "--label", "bad"];
        var expected = zeroShot.Classify(Text, ["good", "bad"]);
        Assert.Equal([$"{Labels(expected)}  {Text}"], TestTool.Run([.. arguments, Text]).Lines);
        Assert.Equal(expected.Label, Json(TestTool.Run([.. arguments, "--json", Text])).GetProperty("label").GetString());
        Assert.Contains("LABEL_0", TestTool.Fails(1, "zero-shot", "--model", tool.Model, "--label", "good", Text),
            StringComparison.Ordinal);
        Assert.Contains("--label", TestTool.Fails(2, "zero-shot", "--model", tool.Model, Text), StringComparison.Ordinal);

        using var classifier = TextClassifier.Load(tool.Model);
        var pair = classifier.Classify(Text, "bad");
        Assert.Equal([$"{Labels(pair)}  {Text} | bad"], TestTool.Run("pair", "--model", tool.Model, Text, "bad").Lines);
        var file = tool.Write("pairs.tsv", $"{Text}\tbad\ngood\tfilm\n");
        var lines = TestTool.Run("pair", "--model", tool.Model, "--json", "--file", file).Lines;
        Assert.Equal(2, lines.Length);
        Assert.Equal(pair.Score, JsonDocument.Parse(lines[0]).RootElement.GetProperty("score").GetSingle());
        Assert.Contains("tab", TestTool.Fails(1, "pair", "--model", tool.Model, "--file", tool.Write("bad.tsv", "one\n")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ChooseRanksChoices()
    {
        using var tool = new TestTool("squeezebert-multiple-choice");
        using var selector = ChoiceSelector.Load(tool.Model);
        var expected = selector.Choose(Text, ["good", "bad"]);
        Assert.Equal(expected.Choices.Select(choice => $"{Plain(choice.Score)}  {choice.Text}"),
            TestTool.Run("choose", "--model", tool.Model, Text, "good", "bad").Lines);
        var json = Json(TestTool.Run("choose", "--model", tool.Model, "--json", "--file", tool.Write("choices.txt", "good\nbad\n"), Text));
        Assert.Equal((expected.Best.Text, expected.Best.Index),
            (json.GetProperty("choice").GetString(), json.GetProperty("index").GetInt32()));
    }

    [Fact]
    public void FeaturesPrintALineAToken()
    {
        using var tool = new TestTool("squeezebert-encoder");
        using var extractor = FeatureExtractor.Load(tool.Model, new FeatureExtractorOptions { Layer = 1 });
        var expected = extractor.Extract("good");
        var lines = TestTool.Run("features", "--model", tool.Model, "--layer", "1", "good").Lines;
        Assert.Equal(["[CLS]", "good", "[SEP]", ""], lines.Select(line => line.Split(' ')[0]));
        Assert.Equal(expected[1].ToArray(), lines[1].Split(' ').Skip(1).Select(value => float.Parse(value, CultureInfo.InvariantCulture)));
        var tokens = Json(TestTool.Run("features", "--model", tool.Model, "--layer", "1", "--json", "good")).GetProperty("tokens");
        Assert.Equal(expected[2].ToArray(), tokens[2].GetProperty("features").EnumerateArray().Select(value => value.GetSingle()));
        Assert.Contains("3 layers", TestTool.Fails(2, "features", "--model", tool.Model, "--layer", "9", "good"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("answer", "--model", "x")]
    [InlineData("answer", "--model", "x", "question")]
    [InlineData("answer", "--context", "x", "question")]
    [InlineData("answer", "--model", "x", "--context", "x", "--threshold", "1", "question")]
    [InlineData("embed", "--model", "x")]
    [InlineData("features", "text")]
    [InlineData("embed", "--model", "x", "--file", "f", "text")]
    [InlineData("similar", "--model", "x", "text")]
    [InlineData("rerank", "--model", "x", "query")]
    [InlineData("rerank", "--model", "x", "--file", "f", "a", "b")]
    [InlineData("similar", "--model", "x", "--file", "f", "a", "b")]
    [InlineData("fill", "--model", "x")]
    [InlineData("fill", "--model", "x", "--top", "1", "--target", "a", "[MASK]")]
    [InlineData("tag", "--model", "x")]
    [InlineData("zero-shot", "--model", "x", "--label", "a")]
    [InlineData("pair", "--model", "x", "text")]
    [InlineData("choose", "--model", "x", "prompt")]
    [InlineData("features", "--model", "x", "--layer", "-1", "text")]
    public void AWrongUseIsOneLineAndCode2(params string[] arguments) =>
        Assert.StartsWith($"squeezebert {arguments[0]}: ", TestTool.Fails(2, arguments), StringComparison.Ordinal);

    [Theory]
    [InlineData("1001")]
    [InlineData("0")]
    [InlineData("99999999999")]
    public void MoreAnswersThanAreKeptAreRefused(string top)
    {
        var error = TestTool.Fails(2, "answer", "--model", "x", "--context", "x", "--top", top, "question");
        Assert.Contains($"squeezebert answer: --top takes a number from 1 to 1000, not '{top}'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void AsManyAnswersAsAreKeptAreShown()
    {
        using var tool = new TestTool("squeezebert-question-answering");
        Assert.Equal(0, TestTool.Run("answer", "--model", tool.Model, "--context", Text, "--top", "1000", "was it good?").Code);
    }

    [Theory]
    [InlineData("answer", "--context", "x", "question")]
    [InlineData("embed", "text")]
    [InlineData("similar", "text", "text")]
    [InlineData("rerank", "query", "text")]
    [InlineData("fill", "text")]
    [InlineData("tag", "text")]
    [InlineData("zero-shot", "--label", "a", "text")]
    [InlineData("pair", "text", "text")]
    [InlineData("choose", "text", "text")]
    [InlineData("features", "text")]
    public void AModelThatIsNotThereIsOneLineAndCode1(params string[] arguments) =>
        Assert.Contains("no-such-model", TestTool.Fails(1, [.. arguments, "--model", "no-such-model"]), StringComparison.Ordinal);

    [Theory]
    [InlineData("answer")]
    [InlineData("embed")]
    [InlineData("similar")]
    [InlineData("rerank")]
    [InlineData("fill")]
    [InlineData("tag")]
    [InlineData("zero-shot")]
    [InlineData("pair")]
    [InlineData("choose")]
    [InlineData("features")]
    public void HelpHasExamples(string command)
    {
        var help = TestTool.Run(command, "--help");
        Assert.Equal(0, help.Code);
        Assert.Contains($"squeezebert {command} --model", help.Output, StringComparison.Ordinal);
    }

    private static string Plain(float score) => score.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Labels(Classification answer)
    {
        var width = answer.Labels.Max(label => label.Label.Length);
        return string.Join("  ", answer.Labels.Select(label => $"{label.Label.PadRight(width)}  {Plain(label.Score)}"));
    }

    private static JsonElement Json(ToolRun answer)
    {
        Assert.Equal(0, answer.Code);
        var json = JsonDocument.Parse(Assert.Single(answer.Lines)).RootElement;
        Assert.Equal(json.GetProperty("truncated").GetBoolean(),
            answer.Error.Contains(": truncated 1 of 1 text; ", StringComparison.Ordinal));
        Assert.Equal(json.GetProperty("truncated").GetBoolean(), answer.Error.Length > 0);
        return json;
    }
}
