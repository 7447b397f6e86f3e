using System.Text.Json.Nodes;
using SqueezeBert.Cli.Input;
using SqueezeBert.Tests.Pipelines.Classifying;

namespace SqueezeBert.Cli.Tests;

public sealed class IndexTests : IDisposable
{
    private const string Lines = "the film was good\nvery bad film\ngood good\nthe the was\n\nbad\n";
    private readonly TestTool _tool = new("squeezebert-encoder");

    public void Dispose() => _tool.Dispose();

    private string Index => Path.Combine(_tool.Folder, "texts.index");

    [Theory]
    [InlineData("float32", 1e-6)]
    [InlineData("int8", 2e-2)]
    [InlineData("bits", 2e-2)]
    public void TextsAreFoundAsSimilarFindsThem(string precision, double tolerance)
    {
        var file = _tool.Write("texts.txt", Lines);
        var made = JsonNode.Parse(Make(file, "--precision", precision, "--json"))!;
        Assert.Equal((6, precision, precision == "bits" ? "int8" : "none", true, 0L), ((int)made["vectors"]!, (string)made["precision"]!,
            (string)made["rescoring"]!, (bool)made["texts"]!, (long)made["truncated"]!));
        Assert.Equal(new FileInfo(Index).Length, (long)made["bytes"]!);
        var plain = Json("similar", "--model", _tool.Model, "--file", file, "--json", "good film");
        var found = Json("similar", "--model", _tool.Model, "--index", Index, "--json", "good film");
        Assert.Equal(6, found.Count);
        var lines = Lines.Split('\n');
        foreach (var answer in found)
        {
            Assert.Equal("good film", (string)answer["query"]!);
            Assert.Equal(lines[(int)answer["row"]!], (string)answer["text"]!);
            var same = plain.Single(other => (string)other["text"]! == (string)answer["text"]!);
            Assert.Equal((double)same["score"]!, (double)answer["score"]!, tolerance);
        }

        Assert.Equal(found.OrderByDescending(answer => (double)answer["score"]!), found);
        var shown = TestTool.Run("similar", "--model", _tool.Model, "--index", Index, "--top", "2", "good film").Lines;
        Assert.Equal(found.Take(2).Select(answer => $"{(double)answer["score"]!:0.0000}  {answer["text"]}"), shown);
    }

    [Fact]
    public void SeveralQueriesHaveAnswersOfTheirOwn()
    {
        Make(_tool.Write("texts.txt", Lines));
        string[] search = ["similar", "--model", _tool.Model, "--index", Index, "--top", "2"];
        var (first, second) = (TestTool.Run([.. search, "bad"]).Lines, TestTool.Run([.. search, "the film"]).Lines);
        Assert.Equal(["bad", .. first, "", "the film", .. second], TestTool.Run([.. search, "bad", "the film"]).Lines);
        Assert.Equal(["bad", "bad", "the film", "the film"],
            Json([.. search, "--json", "bad", "the film"]).Select(answer => (string)answer["query"]!));
    }

    [Fact]
    public void AColumnOfATableIsTaken()
    {
        var file = _tool.Write("texts.csv", "id;title\n7;good film\n8;\"very; bad\"\n");
        Make(file, "--text", "title", "--separator", ";");
        using (var index = VectorIndex.Open(Index)) Assert.Equal(["good film", "very; bad"], [index.Text(0), index.Text(1)]);
        Make(_tool.Write("texts.jsonl", "{\"title\": \"good\"}\n{\"title\": \"bad\"}\n"), "--text", "title", "--no-texts");
        using (var index = VectorIndex.Open(Index)) Assert.Equal((2, false), (index.Count, index.HasTexts));
        var shown = TestTool.Run("similar", "--model", _tool.Model, "--index", Index, "--top", "1", "bad").Lines;
        Assert.Equal(["1.0000  row 1"], shown);
        var answer = Assert.Single(Json("similar", "--model", _tool.Model, "--index", Index, "--json", "--top", "1", "bad"));
        Assert.Null(answer["text"]);
        Assert.Equal(1, (int)answer["row"]!);
        Assert.Contains("1 vectors", TestTool.RunOn("good\n", "index", "-", Index, "--model", _tool.Model).Succeeds(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void DimensionsAreThoseOfTheIndex()
    {
        var file = _tool.Write("texts.txt", Lines);
        Assert.Contains("6 vectors of 5, float32", Make(file, "--dimensions", "5", "--precision", "float32"), StringComparison.Ordinal);
        using var embedder = TextEmbedder.Load(_tool.Model, new() { Dimensions = 5, Normalize = true });
        var expected = embedder.Embed("bad").Similarity(embedder.Embed("very bad film"));
        var found = Json("similar", "--model", _tool.Model, "--index", Index, "--json", "bad");
        Assert.Equal(expected, (float)found.Single(answer => (int)answer["row"]! == 1)["score"]!, 1e-6f);
    }

    [Fact]
    public void PromptsAreThoseForDocumentsAndQueries()
    {
        File.WriteAllText(Path.Combine(_tool.Model, "config_sentence_transformers.json"),
            """{ "prompts": { "query": "good ", "document": "bad ", "odd": "very " } }""");
        Make(_tool.Write("texts.txt", "film\nwas\n"), "--precision", "float32");
        using var embedder = TextEmbedder.Load(_tool.Model);
        float Score(string query, string text) => embedder.Embed(query).Similarity(embedder.Embed(text));
        float Found(params string[] options) => (float)Json(
            ["similar", "--model", _tool.Model, "--index", Index, "--json", .. options, "the"]).Single(
                answer => (int)answer["row"]! == 0)["score"]!;
        Assert.Equal(Score("good the", "bad film"), Found(), 1e-6f);
        Assert.Equal(Score("very the", "bad film"), Found("--prompt", "odd"), 1e-6f);
        Make(_tool.Write("texts.txt", "film\nwas\n"), "--precision", "float32", "--prompt", "odd");
        Assert.Equal(Score("good the", "very film"), Found(), 1e-6f);
        Assert.Empty(Directory.EnumerateFiles(_tool.Folder, "*.tmp"));
    }

    [Fact]
    public void AnotherModelIsRefusedUnlessItIsSaidToBeCompatible()
    {
        Make(_tool.Write("texts.txt", Lines));
        using var other = new ClassifierFolder("squeezebert-sequence-classification");
        using var embedder = TextEmbedder.Load(_tool.Model);
        string[] search = ["similar", "--model", other.Path, "--index", Index, "bad"];
        var error = TestTool.Fails(1, search);
        Assert.Contains("was made with another model than", error, StringComparison.Ordinal);
        Assert.Contains("(--compatible)", error, StringComparison.Ordinal);
        Assert.Contains(embedder.Fingerprint, error, StringComparison.Ordinal);
        Assert.Equal(6, TestTool.Run([.. search, "--compatible"]).Lines.Length);

        // The same model in another folder is no other model, and the same folder with another pooling is one.
        using var copy = new ClassifierFolder("squeezebert-encoder");
        Assert.Equal(0, TestTool.Run("similar", "--model", copy.Path, "--index", Index, "bad").Code);
        TestTool.Fails(1, "similar", "--model", _tool.Model, "--index", Index, "--pooling", "cls", "bad");
    }

    [Fact]
    public void AnIndexOfLongerVectorsIsRefused()
    {
        using (var writer = new VectorIndexWriter(Index, 4096))
        {
            writer.Add(new float[4096]);
            writer.Complete();
        }

        Assert.Contains("has vectors of 4096 components, and the model makes shorter ones",
            TestTool.Fails(1, "similar", "--model", _tool.Model, "--index", Index, "--compatible", "bad"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "give a query", "similar", "--model", "MODEL", "--index", "INDEX")]
    [InlineData(2, "the texts are in the index", "similar", "--model", "MODEL", "--index", "INDEX", "--file", "FILE", "x")]
    [InlineData(2, "the dimensions are those of the index", "similar", "--model", "MODEL", "--index", "INDEX", "--dimensions", "3", "x")]
    [InlineData(2, "was the --prompt of squeezebert index", "similar", "--model", "MODEL", "--index", "INDEX", "--document-prompt", "d",
        "x")]
    [InlineData(2, "--compatible belongs to --index", "similar", "--model", "MODEL", "--compatible", "x", "y")]
    [InlineData(2, "--index is empty", "similar", "--model", "MODEL", "--index", "", "x")]
    [InlineData(1, "is no index of vectors", "similar", "--model", "MODEL", "--index", "FILE", "x")]
    [InlineData(1, "no such file", "similar", "--model", "MODEL", "--index", "NOSUCH", "x")]
    [InlineData(2, "FILE and INDEX are the same file", "index", "FILE", "FILE", "--model", "MODEL")]
    [InlineData(2, "is a folder; INDEX is a file", "index", "FILE", "MODEL", "--model", "MODEL")]
    [InlineData(2, "is a table: name the column", "index", "x.csv", "INDEX", "--model", "MODEL")]
    [InlineData(2, "are for tables", "index", "FILE", "INDEX", "--model", "MODEL", "--no-header")]
    [InlineData(2, "--rescoring belongs to --precision bits", "index", "FILE", "INDEX", "--model", "MODEL", "--rescoring", "int8")]
    [InlineData(2, "--precision is one of float32, int8, bits, not", "index", "FILE", "INDEX", "--model", "MODEL", "--precision", "int4")]
    [InlineData(1, "no such file", "index", "NOSUCH", "INDEX", "--model", "MODEL")]
    [InlineData(1, "the model has no prompt 'x'", "index", "FILE", "INDEX", "--model", "MODEL", "--prompt", "x")]
    public void WrongUseIsTold(int code, string expected, params string[] args)
    {
        Make(_tool.Write("texts.txt", Lines));
        var before = File.ReadAllBytes(Index);
        Assert.Contains(expected, TestTool.Fails(code, [.. args.Select(argument => argument switch
        {
            "MODEL" => _tool.Model,
            "INDEX" => Index,
            "FILE" => Path.Combine(_tool.Folder, "texts.txt"),
            "NOSUCH" => Path.Combine(_tool.Folder, "nosuch"),
            _ => argument,
        })]), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Index));
        Assert.Equal(2, Directory.EnumerateFiles(_tool.Folder).Count());
    }

    [Theory]
    [InlineData(true, "texts.txt", "folder/../texts.txt", false)]
    [InlineData(false, "texts.txt", "Texts.TXT", false)]
    [InlineData(true, "texts.txt", "Texts.TXT", true)]
    [InlineData(true, "folder/texts.txt", "Folder/texts.txt", true)]
    [InlineData(false, "texts.txt", "texts.index", true)]
    [InlineData(false, "-", "-", true)]
    public void AFileIsKnownByItsName(bool expected, string file, string path, bool ignoresCase) =>
        Assert.Equal(expected, InputFile.IsSame(file, path, ignoresCase));

    [Fact]
    public void TextsAreNotReplacedUnderANameOfAnotherCase()
    {
        var file = _tool.Write("texts.txt", Lines);
        var other = Path.Combine(_tool.Folder, "TEXTS.txt");
        var isSame = File.Exists(other);
        Assert.Equal(isSame ? 2 : 0, TestTool.Run("index", file, other, "--model", _tool.Model).Code);
        Assert.Equal(Lines, File.ReadAllText(file));
    }

    [Fact]
    public void TextsThatAreCutAreCounted()
    {
        var file = _tool.Write("texts.txt", $"good\n{string.Concat(Enumerable.Repeat("long ", 60))}\n");
        var run = TestTool.Run("index", file, Index, "--model", _tool.Model);
        Assert.Equal("squeezebert index: truncated 1 of 2 texts; --windows reads all of a text\n", run.Error);
        Assert.Equal("", TestTool.Run("index", file, Index, "--model", _tool.Model, "--windows").Error);
    }

    [Fact]
    public void BytesThatAreNoTableLeaveNothing()
    {
        var file = _tool.Write("texts.jsonl", "{\"text\": \"good\"}\n{\"other\": 1}\n");
        Assert.Contains("texts.jsonl:2: ", TestTool.Fails(1, "index", file, Index, "--text", "text", "--model", _tool.Model),
            StringComparison.Ordinal);
        Assert.Equal([file], Directory.EnumerateFiles(_tool.Folder));
    }

    [Fact(Timeout = 120_000)]
    public async Task AnInterruptedIndexLeavesNothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGINT to send");
        Make(_tool.Write("texts.txt", Lines));
        var before = await File.ReadAllBytesAsync(Index, TestContext.Current.CancellationToken);
        using var process = ToolRun.Start("index", "-", Index, "--model", _tool.Model);
        await process.StandardInput.WriteAsync("good\nbad\n");
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        while (!Directory.EnumerateFiles(_tool.Folder, "*.tmp").Any())
        {
            Assert.False(process.HasExited);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        using (var kill = System.Diagnostics.Process.Start("kill", ["-INT", $"{process.Id}"])!)
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, "squeezebert index: interrupted"),
            (process.ExitCode, (await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim()));
        Assert.Equal(before, await File.ReadAllBytesAsync(Index, TestContext.Current.CancellationToken));
        Assert.Equal(2, Directory.EnumerateFiles(_tool.Folder).Count());
    }

    private string Make(string file, params string[] options) =>
        TestTool.Run(["index", file, Index, "--model", _tool.Model, .. options]).Succeeds();

    private static IReadOnlyList<JsonNode> Json(params string[] args) =>
        [.. TestTool.Run(args).Succeeds().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
}
