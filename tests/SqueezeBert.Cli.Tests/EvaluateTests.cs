using System.Globalization;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.Terminal;
using SqueezeBert.Evaluation;
using SqueezeBert.Models;

namespace SqueezeBert.Cli.Tests;

public sealed class EvaluateTests : IDisposable
{
    private static readonly string[] Texts = ["good", "bad film", "the film was very good", "very bad", "was the film good?", "film"];
    private readonly TestTool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void FiguresAreThoseOfTheLibrarysAnswers()
    {
        string[] labels = ["LABEL_0", "LABEL_1", "LABEL_2", "label_0", " 1", "0"];
        int[] ids = [0, 1, 2, 0, 1, 0];
        var file = _tool.Write("dev.tsv", "id\ttext\tlabel\n" + string.Concat(Texts.Select((text, i) => $"{i}\t{text}\t{labels[i]}\n")));
        var predictions = Predictions(_tool.Model, Texts);
        var expected = new ClassificationReport(["LABEL_0", "LABEL_1", "LABEL_2"], ConfusionMatrix.Of(ids, predictions, 3));
        var json = Json("--data", file);
        Assert.Equal(file, (string)json["data"]!);
        Assert.Equal(6, (int)json["examples"]!);
        foreach (var (name, value) in expected.Figures()) Assert.Equal(value, (double)json[name]!);
        Assert.Equal(expected.Matrix.Scores(0).Recall, (double)json["classes"]![0]!["recall"]!);
        Assert.Equal(expected.Matrix[1, predictions[1]], (long)json["confusion"]!["counts"]![1]![predictions[1]]!);

        using var text = new StringWriter();
        expected.WriteText(text);
        Assert.Equal($"{file}\n\n{text}\n", Run("--data", file).Output);
    }

    [Fact]
    public void ValuesOfTheFileAreMappedToLabels()
    {
        var file = _tool.Write("stars.csv", "review,stars\n" + string.Concat(Texts.Select((text, i) => $"{text},{1 + (4 * (i % 2))}\n")));
        var matrix = ConfusionMatrix.Of([.. Texts.Select((_, i) => i % 2 == 0 ? 2 : 0)], Predictions(_tool.Model, Texts), 3);
        string[] mapping = ["--data", file, "--text", "review", "--label", "stars", "--labels", "1=LABEL_2,5=LABEL_0"];
        Assert.Equal(matrix.Accuracy, (double)Json(mapping)["accuracy"]!);
        Assert.Equal(matrix.Accuracy, (double)Json([.. mapping[..^1], "1=LABEL_2", "--labels", "5 = label_0"])["accuracy"]!);
    }

    [Fact]
    public void NumbersThatProbablyMeanSomethingElseAreTold()
    {
        var file = _tool.Write("polar.csv", "text,label\nLoved it.,1\nIt broke.,0\n");
        string[] line = ["evaluate", "--model", PretrainedModels.Sentiment, "--data", file];
        var run = ToolRun.Of(line);
        Assert.Equal(0, run.Code);
        Assert.Contains("0 is negative, 1 is neutral; if they mean something else, say --labels 0=NAME,1=NAME", run.Error,
            StringComparison.Ordinal);
        run = ToolRun.Of([.. line, "--labels", "0=negative,1=positive"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("accuracy 100.00", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownLabelIsToldWithFileAndLineBeforeAnythingIsComputed()
    {
        var good = _tool.Write("good.csv", "text,label\ngood,0\n");
        var bad = _tool.Write("bad.csv", "text,label\ngood,0\nbad,LABEL_7\n");
        Assert.Contains("bad.csv:3: unknown label 'LABEL_7'; labels: 'LABEL_0', 'LABEL_1', 'LABEL_2'", Fails(1, "--data", good, bad),
            StringComparison.Ordinal);
        Assert.Contains("unknown label '3'", Fails(1, "--data", _tool.Write("three.csv", "text,label\ngood,3\n")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralFilesAreReportedEachAndTogether()
    {
        var first = _tool.Write("a.csv", "sentence,label\n" + string.Concat(Texts.Take(2).Select(text => $"{text},0\n")));
        var second = _tool.Write("b.jsonl", string.Concat(Texts.Skip(2).Select(text => $"{{\"sentence\":\"{text}\",\"label\":0}}\n")));
        var lines = Run("--json", "--data", first, second, "--text", "sentence").Lines.Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([first, second, "all"], lines.Select(line => (string)line["data"]!));
        Assert.Equal([2, 4, 6], lines.Select(line => (int)line["examples"]!));
        var predictions = Predictions(_tool.Model, Texts);
        Assert.Equal(predictions.Take(2).Count(id => id == 0) / 2.0, (double)lines[0]["accuracy"]!);
        Assert.Equal(predictions.Skip(2).Count(id => id == 0) / 4.0, (double)lines[1]["accuracy"]!);
        Assert.Equal(predictions.Count(id => id == 0) / 6.0, (double)lines[2]["accuracy"]!);
        Assert.Equal(lines.Select(line => line.ToJsonString()),
            Run("--json", "--data", first, "--data", second, "--text",
                "sentence").Lines.Select(line => JsonNode.Parse(line)!.ToJsonString()));
        Assert.Equal(2, (int)Json("--data", first)["examples"]!);
    }

    [Fact]
    public void OnlyWhatTrainingHeldOutIsTaken()
    {
        var texts = Enumerable.Range(0, 60).Select(i => $"good film {i}").ToArray();
        var file = _tool.Write("train.csv", "text,label\n" + string.Concat(texts.Select(text => $"{text},0\n")));
        var held = texts.Where(text => HashSplit.IsHeldOut(text, 5)).ToArray();
        Assert.InRange(held.Length, 1, 30);
        var json = Json("--data", file, "--held-out", "5");
        Assert.Equal((held.Length, 5), ((int)json["examples"]!, (int)json["held_out"]!));
        Assert.Equal(Predictions(_tool.Model, held).Count(id => id == 0) / (double)held.Length, (double)json["accuracy"]!);
        Assert.Contains("none of its 1 rows is in the held-out part",
            Fails(1, "--held-out", "1000000", "--data", _tool.Write("one.csv", "text,label\ngood,0\n")), StringComparison.Ordinal);
        Assert.Contains("there is no row", Fails(1, "--data", _tool.Write("none.csv", "text,label\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void LongTextsAreCountedUnlessWindowsReadThem()
    {
        var text = string.Join(' ', Enumerable.Repeat("the film was very good", 40));
        var file = _tool.Write("long.csv", $"text,label\n{text},0\ngood,0\n");
        Assert.Equal(1, (int)Json("--data", file)["truncated"]!);
        var parts =
            Run("--json", "--data", _tool.Write("short.csv", "text,label\ngood,0\n"),
                file).Lines.Select(line => (int)JsonNode.Parse(line)!["truncated"]!);
        Assert.Equal([0, 1, 1], parts);
        Assert.Contains("1 of them were cut to 40 tokens; --windows reads all of a text", Run("--data", file).Output,
            StringComparison.Ordinal);
        Assert.Equal(0, (int)Json("--data", file, "--windows")["truncated"]!);
        Assert.Equal(2, (int)Json("--data", file, "--max-length", "3", "--threads", "1", "--pair", "text")["truncated"]!);
    }

    [Fact]
    public void PairsAreReadTogether()
    {
        var file = _tool.Write("pairs.csv", "a,b,label\ngood,film,0\nbad,very good film,1\n");
        using var classifier = TextClassifier.Load(_tool.Model);
        var right = (classifier.Classify("good", "film").Label == "LABEL_0" ? 1 : 0)
            + (classifier.Classify("bad", "very good film").Label == "LABEL_1" ? 1 : 0);
        Assert.Equal(right / 2.0, (double)Json("--data", file, "--text", "a", "--pair", "b")["accuracy"]!);
    }

    [Fact]
    public void ARegressionHasCorrelations()
    {
        using var tool = new TestTool("squeezebert-regression");
        using var classifier = TextClassifier.Load(tool.Model);
        double[] predictions = [.. Texts.Select(text => (double)classifier.Classify(text).Score)];
        double[] labels = [0.5, -1, 2e0, 3, 1, 0];
        var file =
            tool.Write("values.tsv", "text\tlabel\n" +
                string.Concat(Texts.Select((text, i) => string.Create(CultureInfo.InvariantCulture, $"{text}\t{labels[i]}\n"))));
        var json = JsonNode.Parse(TestTool.Run("evaluate", "--model", tool.Model, "--data", file, "--json").Output)!;
        var expected = RegressionReport.Of(labels, predictions);
        Assert.Equal(expected.Pearson, (double)json["pearson"]!);
        Assert.Equal(expected.Spearman, (double)json["spearman"]!);
        Assert.Equal(expected.MeanSquaredError, (double)json["mean_squared_error"]!);
        Assert.Contains("values.csv:2: 'much' is not a number",
            TestTool.Fails(1, "evaluate", "--model", tool.Model, "--data", tool.Write("values.csv", "text,label\ngood,much\n")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralLabelsATextAreComparedOneByOne()
    {
        using var tool = new TestTool("squeezebert-multi-label");
        using var classifier = TextClassifier.Load(tool.Model);
        var names = classifier.Labels;
        string[] cells = ["", names[0], $"{names[1]}; {names[0]}", $"\"[\"\"{names[1]}\"\", \"\"{names[2]}\"\"]\"", "2", "0 1"];
        int[][] ids = [[], [0], [0, 1], [1, 2], [2], [0, 1]];
        var file = tool.Write("tags.csv", "text,label\n" + string.Concat(Texts.Select((text, i) => $"{text},{cells[i]}\n")));
        var expected = new MultiLabelReport(names);
        for (var i = 0; i < Texts.Length; i++)
        {
            var answer = classifier.Classify(Texts[i]).Labels;
            bool[] predicted = [.. names.Select(name => answer.Single(label => label.Label == name).Score > 0.5)];
            expected.Add([.. names.Select((_, id) => ids[i].Contains(id))], predicted);
        }

        var json = JsonNode.Parse(TestTool.Run("evaluate", "--model", tool.Model, "--data", file, "--json").Output)!;
        foreach (var (name, value) in expected.Figures()) Assert.Equal(value, (double)json[name]!);
        Assert.Equal(expected.Scores(1).Support, (long)json["classes"]![1]!["support"]!);
        Assert.Contains("tags.tsv:2: unknown label 'x'",
            TestTool.Fails(1, "evaluate", "--model", tool.Model, "--data", tool.Write("tags.tsv", "text\tlabel\ngood\t0,x\n")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ATerminalHasAProgressBarThatTheOutputDoesNot()
    {
        var file = _tool.Write("dev.csv", "text,label\n" + string.Concat(Texts.Select(text => $"{text},0\n")));
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        using (var console = new ToolConsole(Stream.Null, output, error, isErrorInteractive: true))
            Assert.Equal(0, Tool.Run(["evaluate", "--model", _tool.Model, "--data", file], console));
        Assert.Contains("evaluating", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(Run("--data", file).Output, output.ToString());
    }

    [Theory]
    [InlineData("give what to evaluate on: --data FILE, or --glue TASK FOLDER")]
    [InlineData("--labels takes VALUE=NAME,…, not 'x'", "--data", "x.csv", "--labels", "x")]
    [InlineData("--labels names '1' twice", "--data", "x.csv", "--labels", "1=LABEL_0,1=LABEL_1")]
    [InlineData("'1' stands for 'good', which is no label", "--data", "x.csv", "--labels", "1=good")]
    [InlineData("nothing tells how x.dat is written", "--data", "x.dat")]
    [InlineData("unexpected argument 'y'", "--json", "y", "--data", "x.csv")]
    public void WrongUseIsTold(string expected, params string[] args) =>
        Assert.Contains(expected, Fails(2, args), StringComparison.Ordinal);

    [Fact]
    public void MissingFilesAndColumnsAreTold()
    {
        var file = _tool.Write("dev.csv", "premise,label\ngood,0\n");
        Assert.Contains("dev.csv'?", Fails(1, "--data", Path.Combine(_tool.Folder, "dve.csv")), StringComparison.Ordinal);
        Assert.Contains("no column 'text'; columns: ", Fails(1, "--data", file), StringComparison.Ordinal);
        Assert.Contains("no column 'gold'; columns: ", Fails(1, "--data", file, "--text", "premise", "--label", "gold"),
            StringComparison.Ordinal);
    }

    private static int[] Predictions(string model, string[] texts)
    {
        using var classifier = TextClassifier.Load(model);
        return [.. classifier.Classify(texts).Select(answer => answer.Label[^1] - '0')];
    }

    private ToolRun Run(params string[] args)
    {
        var answer = TestTool.Run(["evaluate", "--model", _tool.Model, .. args]);
        Assert.Equal((0, ""), (answer.Code, answer.Error));
        return answer;
    }

    private JsonNode Json(params string[] args) => JsonNode.Parse(Assert.Single(Run(["--json", .. args]).Lines))!;

    private string Fails(int code, params string[] args) => TestTool.Fails(code, ["evaluate", "--model", _tool.Model, .. args]);
}
