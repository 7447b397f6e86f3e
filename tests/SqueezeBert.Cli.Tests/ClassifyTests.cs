using System.Globalization;
using System.IO.Pipes;
using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Cli.Terminal;

namespace SqueezeBert.Cli.Tests;

public sealed class ClassifyTests : IDisposable
{
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("the film was very good", 40));
    private readonly TestTool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public void ATextHasALineWithTheLibrarysLabelAndScore()
    {
        var answer = TestTool.Run("classify", "--model", _tool.Model, "The film was good.", "bad\tbad\nfilm \u001b[31m");
        Assert.Equal((0, ""), (answer.Code, answer.Error));
        using var classifier = TextClassifier.Load(_tool.Model);
        string[] texts = ["The film was good.", "bad\tbad\nfilm \u001b[31m"];
        string[] shown = ["The film was good.", "bad bad film [31m"];
        for (var i = 0; i < texts.Length; i++)
        {
            var expected = classifier.Classify(texts[i]);
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{expected.Label}  {expected.Score:0.0000}  {shown[i]}"),
                answer.Lines[i]);
        }
    }

    [Fact]
    public void WithoutAModelTheOneInTheBoxAnswers()
    {
        var answer = TestTool.Run("classify", "A wonderful film, I loved every minute.", "Terrible. A complete waste of money.");
        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Assert.StartsWith("positive  ", answer.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("negative  ", answer.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void MoreLabelsStandInOneLineAndALongTextIsMarked()
    {
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--top", "2", Long);
        Assert.Matches(@"^LABEL_\d  0\.\d{4}  LABEL_\d  0\.\d{4}  \[truncated\] the film was very .{50,60}…$", Assert.Single(answer.Lines));
    }

    [Fact]
    public void JsonIsOneObjectALine()
    {
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--json", "good film", Long);
        using var classifier = TextClassifier.Load(_tool.Model);
        var expected = classifier.Classify("good film");
        var labels =
            string.Join(',',
                expected.Labels.Select(label => string.Create(
                    CultureInfo.InvariantCulture, $"{{\"label\":\"{label.Label}\",\"score\":{label.Score}}}")));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture,
            $"{{\"label\":\"{expected.Label}\",\"score\":{expected.Score},\"labels\":[{labels}],\"truncated\":false}}"), answer.Lines[0]);
        Assert.True((bool)JsonNode.Parse(answer.Lines[1])!["truncated"]!);
        var top = JsonNode.Parse(TestTool.Run("classify", "--model", _tool.Model, "--json", "--top", "1", "good film").Output)!;
        Assert.Equal(expected.Label, (string)Assert.Single(top["labels"]!.AsArray())!["label"]!);
    }

    [Fact]
    public void AFilesLinesAreAnsweredInTheirPlaces()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. "good\r\n\r\n"u8, .. "bad \xFF film\n"u8[..4], 0xFF, .. " film\n\nlast"u8];
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--json", "--file", _tool.Write("texts.txt", bytes));
        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Assert.Equal(Expected("good", "", "bad \uFFFD film", "", "last"), answer.Lines.Select(ScoreOf));
        Assert.Equal(answer, TestTool.RunOn(new MemoryStream(bytes), "classify", "--model", _tool.Model, "--json", "--file", "-"));
    }

    [Fact]
    public void ManyLinesAndOneOfAMegabyteKeepTheirOrder()
    {
        var texts =
            Enumerable.Range(0, 3000)
                .Select(i => i == 1500 ? new string('x', 1 << 20) : string.Join(' ', Enumerable.Repeat("good", i % 7)) + " bad" + (i % 5))
                .ToArray();
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--json", "--file",
            _tool.Write("many.txt", string.Join('\n', texts)));
        Assert.Equal(Expected(texts), answer.Lines.Select(ScoreOf));
    }

    [Fact]
    public void ACsvsRowsPassThroughWithTheAnswerAdded()
    {
        const string Csv = "id,review,note\n1,\"good, \"\"very\"\"\nfilm\",\"a\"\n2,bad,\n";
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--file", _tool.Write("reviews.csv", Csv), "--text", "review",
            "--top", "2");
        using var classifier = TextClassifier.Load(_tool.Model);
        var (first, second) = (classifier.Classify("good, \"very\"\nfilm"), classifier.Classify("bad"));
        Assert.Equal(
            $"id,review,note,label,score,label_2,score_2,truncated\n1,\"good, " +
                $"\"\"very\"\"\nfilm\",a,{Cells(first)},false\n2,bad,,{Cells(second)},false\n", answer.Output);

        static string Cells(Classification answer) =>
            string.Join(
                ',', answer.Labels.Take(2).Select(label => string.Create(CultureInfo.InvariantCulture, $"{label.Label},{label.Score}")));
    }

    [Fact]
    public void ATablesRowsTellWhichTextsWereCut()
    {
        var file = _tool.Write("long.csv", "text\ngood\ngood film very good film very good\n");
        var lines = TestTool.Run("classify", "--model", _tool.Model, "--file", file, "--text", "text", "--max-length", "5").Lines;
        Assert.EndsWith(",false", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",true", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void AddedColumnsStepAsideForThoseThatAreThere()
    {
        var file = _tool.Write("train.tsv", "sentence\tlabel\ngood \"film\t1\n");
        Assert.Equal("sentence\tlabel\tpredicted_label\tpredicted_score\tpredicted_truncated",
            Table("--file", file, "--text", "sentence")[0]);
        Assert.StartsWith("good \"film\t1\tLABEL_", Table("--file", file, "--text", "sentence")[1], StringComparison.Ordinal);
        Assert.Equal("sentence\tlabel\tmodel.label\tmodel.score\tmodel.truncated",
            Table("--file", file, "--text", "sentence", "--prefix", "model.")[0]);
        var error = TestTool.Fails(1, "classify", "--model", _tool.Model, "--file", file, "--text", "sentence", "--prefix", "");
        Assert.Contains("a column 'label' already", error, StringComparison.Ordinal);
        Assert.Contains("--prefix", error, StringComparison.Ordinal);
        var row = Assert.Single(Table("--file", _tool.Write("plain.tsv", "good\t1\n"), "--text", "0", "--no-header"));
        Assert.Matches(@"^good\t1\tLABEL_\d\t0\.\d+\tfalse$", row);
        Assert.Equal("text,label,score,truncated\n",
            TestTool.Run("classify", "--model", _tool.Model, "--file", _tool.Write("empty.csv", "text\n"), "--text", "text").Output);

        string[] Table(params string[] args) => TestTool.Run(["classify", "--model", _tool.Model, .. args]).Lines;
    }

    [Fact]
    public void RowsOfJsonKeepWhatTheyHave()
    {
        var file = _tool.Write(
            "reviews.jsonl", "{\"id\": 1, \"tags\": [\"a\", null], \"review\": \"good\"}\n\n{\"review\": \"bad\", \"id\": 2.50}\n");
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--file", file, "--text", "review");
        Assert.StartsWith("{\"id\":1,\"tags\":[\"a\",null],\"review\":\"good\",\"label\":\"LABEL_", answer.Lines[0],
            StringComparison.Ordinal);
        Assert.StartsWith("{\"review\":\"bad\",\"id\":2.50,\"label\":", answer.Lines[1], StringComparison.Ordinal);
        Assert.Equal(Expected("good", "bad"), answer.Lines.Select(ScoreOf));

        var taken = TestTool.RunOn("{\"t\":\"good\",\"label\":1}\n{\"t\":\"bad\",\"predicted_score\":1}\n", "classify", "--model",
            _tool.Model, "--file", "-", "--format", "jsonl", "--text", "t");
        Assert.Contains("\"label\":1,\"predicted_label\":\"LABEL_", Assert.Single(taken.Lines), StringComparison.Ordinal);
        Assert.Equal(1, taken.Code);
        Assert.Contains("standard input:2: ", TestTool.OneLine(taken.Error), StringComparison.Ordinal);
    }

    [Fact]
    public void ATableCanBecomeJson()
    {
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--json", "--file", _tool.Write("a.csv", "label,text\n7,good\n"),
            "--text", "text");
        var row = JsonNode.Parse(Assert.Single(answer.Lines))!;
        Assert.Equal(["label", "text", "predicted_label", "predicted_score", "predicted_labels", "predicted_truncated"],
            row.AsObject().Select(property => property.Key));
        Assert.Equal("7", (string)row["label"]!);
    }

    [Fact]
    public void PairsAreReadTogether()
    {
        var answer = TestTool.RunOn("a\tb\ngood\tfilm\nbad\tfilm\n", "classify", "--model", _tool.Model, "--json", "--file", "-",
            "--format", "tsv", "--text", "a", "--pair", "b");
        using var classifier = TextClassifier.Load(_tool.Model);
        Assert.Equal([classifier.Classify("good", "film").Score, classifier.Classify("bad", "film").Score], answer.Lines.Select(ScoreOf));
    }

    [Fact]
    public void WindowsReadAllAndAShorterLengthLess()
    {
        using var windows = TextClassifier.Load(_tool.Model, new TextClassifierOptions { Reading = new() { LongText = LongText.Windows } });
        using var shorter = TextClassifier.Load(_tool.Model, new TextClassifierOptions { Reading = new() { MaxLength = 12 } });
        var read = TestTool.Run("classify", "--model", _tool.Model, "--json", "--windows", "--threads", "1", Long);
        Assert.Equal(windows.Classify(Long).Score, ScoreOf(read.Output));
        Assert.Contains("\"truncated\":false", read.Output, StringComparison.Ordinal);
        Assert.Equal(shorter.Classify(Long).Score,
            ScoreOf(TestTool.Run("classify", "--model", _tool.Model, "--json", "--max-length", "12", Long).Output));
    }

    [Fact]
    public void TextsMayLookLikeAnything()
    {
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--json", "@united no", "", "-5 degrees, bad", "-", "--",
            "--json", "-x");
        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Assert.Equal(Expected("@united no", "", "-5 degrees, bad", "-", "--json", "-x"), answer.Lines.Select(ScoreOf));
    }

    [Theory]
    [InlineData("give a text, --file FILE, or --file - for standard input")]
    [InlineData("give texts or --file, not both", "x", "--file", "y")]
    [InlineData("--text names a column of --file", "x", "--text", "y")]
    [InlineData("--pair needs --text", "--file", "x", "--pair", "y")]
    [InlineData("x.csv is a table", "--file", "x.csv")]
    [InlineData("--format tsv|quoted-tsv|csv|jsonl|lines", "--file", "-", "--text", "y")]
    [InlineData("--format is one of", "--file", "x", "--format", "xml")]
    [InlineData("--top takes a number from 1 up, not '0'", "--top", "0", "x")]
    [InlineData("--max-length takes a number from 3 up, not 'two'", "--max-length", "two", "x")]
    [InlineData("unknown option '--jsno'; did you mean '--json'?", "--jsno", "x")]
    [InlineData("unknown option '--colour=red'", "x", "--colour=red")]
    public void WrongUseIsTold(string expected, params string[] args)
    {
        var error = TestTool.Fails(2, ["classify", "--model", _tool.Model, .. args]);
        Assert.StartsWith("squeezebert classify: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.EndsWith("(see squeezebert classify --help)", error, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotThereIsToldWithTheNearestName()
    {
        _tool.Write("reviews.txt", "good");
        Assert.Contains("reviews.txt'?", TestTool.Fails(
            1, "classify", "--model", _tool.Model, "--file", Path.Combine(_tool.Folder, "review.txt")), StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(_tool.Model), TestTool.Fails(1, "classify", "--model", _tool.Model + "x", "good"),
            StringComparison.Ordinal);
        var file = _tool.Write("reviews.csv", "id,review\n1,good\n");
        Assert.Contains("no column 'reviews'; columns: 'review'",
            TestTool.Fails(1, "classify", "--model", _tool.Model, "--file", file, "--text", "reviews"), StringComparison.Ordinal);
    }

    [Fact]
    public void RowsBeforeABadOneAreAnswered()
    {
        var file = _tool.Write("bad.csv", "id,review\n1,good\n2,bad\n3\n4,good\n");
        var answer = TestTool.Run("classify", "--model", _tool.Model, "--file", file, "--text", "review");
        Assert.Equal(1, answer.Code);
        Assert.Equal(3, answer.Lines.Length);
        Assert.Contains("bad.csv:4: 1 fields where the header has 2", TestTool.OneLine(answer.Error), StringComparison.Ordinal);
    }

    [Fact(Timeout = 120_000)]
    public async Task APipeIsAnsweredBeforeItEnds()
    {
        await using var input = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var output = new AnonymousPipeServerStream(PipeDirection.In);
        var run = Task.Run(() =>
        {
            using var answers = new StreamWriter(new AnonymousPipeClientStream(PipeDirection.Out, output.ClientSafePipeHandle));
            using var error = new StringWriter();
            using var console = new ToolConsole(new AnonymousPipeClientStream(PipeDirection.In, input.ClientSafePipeHandle), answers,
                error, false);
            return Tool.Run(["classify", "--model", _tool.Model, "--json", "--file", "-"], console);
        });
        using var reader = new StreamReader(output);
        foreach (var text in new[] { "", "good", "the film was bad" })
        {
            await input.WriteAsync(Encoding.UTF8.GetBytes(text + "\n"));
            await input.FlushAsync();
            Assert.Equal(Expected(text)[0], ScoreOf((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!));
        }

        await input.DisposeAsync();
        Assert.Equal(0, await run);
    }

    [Fact(Timeout = 120_000)]
    public async Task AProcessStreamsAndEndsWithItsInput()
    {
        using var process = ToolRun.Start("classify", "--model", _tool.Model, "--json", "--file", "-");
        await process.StandardInput.WriteAsync("göod\n");
        await process.StandardInput.FlushAsync();
        Assert.Equal(Expected("göod")[0], ScoreOf((await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!));
        process.StandardInput.Close();
        Assert.Empty(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)));
    }

    [Fact(Timeout = 120_000)]
    public async Task AProcessIsInterruptedWhileItWaits()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a process cannot be sent Ctrl-C there");
        using var process = ToolRun.Start("classify", "--model", _tool.Model, "--json", "--file", "-");
        await process.StandardInput.WriteAsync("good\n");
        await process.StandardInput.FlushAsync();
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        using (var kill = System.Diagnostics.Process.Start("kill", ["-INT",
            process.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        Assert.Equal("squeezebert classify: interrupted\n",
            await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 120_000)]
    public async Task AProcessEndsQuietlyWhenItsReaderHasGone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the console hides it there");
        using var process = ToolRun.Start("classify", "--model", _tool.Model, "--json", "--file", "-");
        await process.StandardInput.WriteAsync("good\n");
        await process.StandardInput.FlushAsync();
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        process.StandardOutput.Close();

        // It notices at its next answer, although its input has not ended.
        await process.StandardInput.WriteAsync("bad\n");
        await process.StandardInput.FlushAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static float ScoreOf(string line)
    {
        var json = JsonNode.Parse(line)!;
        return (float)(json["score"] ?? json["predicted_score"])!;
    }

    private float[] Expected(params string[] texts)
    {
        using var classifier = TextClassifier.Load(_tool.Model);
        return [.. classifier.Classify(texts).Select(answer => answer.Score)];
    }
}
