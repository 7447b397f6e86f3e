using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Writing;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Cli.Tests;

public sealed class ConvertTests : IDisposable
{
    private static readonly string[] Texts = ["good film", "the film was very very bad.", "x"];
    private readonly TestTool _encoder = new("bert-encoder");
    private readonly TestTool _classifier = new();
    private readonly string _onnx;

    public ConvertTests() => _onnx = WriteOnnx(_encoder);

    private string To => Path.Combine(_encoder.Folder, "converted");

    public void Dispose()
    {
        _encoder.Dispose();
        _classifier.Dispose();
    }

    [Fact]
    public void AnOnnxFileWithAVocabularyBecomesASentenceEncoderWithTheSameBits()
    {
        // A capital without a small form, as published vocabularies of lower case have it.
        File.AppendAllText(Path.Combine(_encoder.Folder, "vocab.txt"), "ℝ\n");
        var output = ToolRun.Of("convert", _onnx, To, "--pooling", "cls", "--normalize", "--max-length", "20", "--query-prompt", "the ")
            .Succeeds();
        foreach (var line in (string[])[$"weights: {_onnx}", "pooling: cls; --pooling", "normalized: yes; --normalize",
            "longest text: 20 tokens; --max-length", "casing: lower case; no piece of vocab.txt has a capital letter",
            "prompt 'query': --query-prompt", $"{To}: BertModel, "])
            Assert.Contains(line, output, StringComparison.Ordinal);
        var settings = SentenceEncoderSettings.Load(To);
        Assert.Equal((SentencePooling.Cls, true, 20), (settings.Pooling, settings.Normalize, settings.MaxSequenceLength));
        Assert.Equal("the ", settings.Prompts["query"]);
        Assert.True(Directory.Exists(Path.Combine(To, "2_Normalize")));
        SameVectors(
            _onnx, To, new TextEmbedderOptions { Reading = new() { MaxLength = 20 }, Pooling = SentencePooling.Cls, Normalize = true });
        Assert.Empty(Directory.EnumerateFileSystemEntries(_encoder.Folder, "*.tmp"));
    }

    [Fact]
    public void AStudentIsNotMadeOfAnOnnxFileThatDoesNotSayItsPooling()
    {
        var student = Path.Combine(_encoder.Folder, "student");
        ToolRun.Of("new", student, "--from-teacher", _onnx, "--keep-layers", "0").AssertFails(1, _onnx, "squeezebert convert", "--pooling");
        Assert.False(Directory.Exists(student));
        ToolRun.Of("convert", _onnx, To, "--pooling", "cls").Succeeds();
        ToolRun.Of("new", student, "--from-teacher", To, "--keep-layers", "0").Succeeds();
        Assert.Equal(SentencePooling.Cls, SentenceEncoderSettings.Load(student).Pooling);
    }

    [Fact]
    public void WhatIsBesideTheSourceIsTakenAsItIs()
    {
        // The second conversion has all files of the first beside its source, and a padding setting that only the file knows.
        var first = Path.Combine(_encoder.Folder, "first");
        ToolRun.Of("convert", _onnx, first, "--pooling", "max", "--document-prompt", "a: ").Succeeds();
        var tokenizer = JsonNode.Parse(File.ReadAllText(Path.Combine(first, "tokenizer.json")))!;
        tokenizer["padding"] = JsonNode.Parse(
            """{"strategy":"BatchLongest","direction":"Right","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"}""");
        File.WriteAllText(Path.Combine(first, "tokenizer.json"), tokenizer.ToJsonString());
        var output = ToolRun.Of("convert", first, To, "--query-prompt", "q: ", "--precision", "float16").Succeeds();
        Assert.Contains($"pooling: max; {Path.Combine(first, "modules.json")}", output, StringComparison.Ordinal);
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json", "modules.json", "1_Pooling/config.json",
            "sentence_bert_config.json", "vocab.txt"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(first, name)), File.ReadAllBytes(Path.Combine(To, name)));
        Assert.Equal(["a: ", "q: "], SentenceEncoderSettings.Load(To).Prompts.Values.Order(StringComparer.Ordinal));
        using var model = ModelFolder.Open(To);
        Assert.True(model.Tensors.TryGetTensor("embeddings.word_embeddings.weight", out var table) && table.Type == TensorType.Float16);
    }

    [Fact]
    public void AClassifierKeepsItsHeadAndGivesTheSameBits()
    {
        var output = ToolRun.Of("convert", _classifier.Model, To).Succeeds();
        Assert.Contains("sentence vectors: none", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(To, "modules.json")));
        Assert.Equal(File.ReadAllBytes(Path.Combine(_classifier.Model, "model.safetensors")).Length,
            File.ReadAllBytes(Path.Combine(To, "model.safetensors")).Length);
        Assert.Equal(Classes(_classifier.Model), Classes(To));
        var numbered = Path.Combine(_encoder.Folder, "numbered");
        Assert.Contains("labels: numbered (LABEL_0", ToolRun.Of("convert", WriteOnnx(_classifier), numbered).Succeeds(),
            StringComparison.Ordinal);
        Assert.Equal(Classes(_classifier.Model).Select(answer => answer.Split('\t')[1]),
            Classes(numbered).Select(answer => answer.Split('\t')[1]));
    }

    [Fact]
    public void OldNamesBecomeThoseOfToday()
    {
        var old = Directory.CreateDirectory(Path.Combine(_encoder.Folder, "old")).FullName;
        File.Copy(Path.Combine(_encoder.Model, "config.json"), Path.Combine(old, "config.json"));
        using (var source = ModelFolder.Open(_encoder.Model))
        {
            var writer = new SafetensorsWriter();
            foreach (var name in source.Tensors.Names)
            {
                Assert.True(source.Tensors.TryGetTensor(name, out var info));
                var values = new float[info.ElementCount];
                source.Tensors.ReadFloats(name, values);
                writer.Add("bert." + name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
                    .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal), info.Shape, values);
            }

            writer.Save(Path.Combine(old, "model.safetensors"));
        }

        Assert.Contains("tokenizer: none", ToolRun.Of("convert", old, To).Succeeds(), StringComparison.Ordinal);
        using var before = ModelFolder.Open(_encoder.Model);
        using var after = ModelFolder.Open(To);
        Assert.Equal(before.Tensors.Names.Where(name => !name.EndsWith("position_ids", StringComparison.Ordinal)).Order(),
            after.Tensors.Names.Order());
    }

    [Fact]
    public void WhatNothingSaysIsNotGuessed()
    {
        ToolRun.Of("convert", _onnx, To).AssertFails(1, _onnx, "does not say how tokens become a vector", "--pooling", "--no-pooling");
        ToolRun.Of("convert", _onnx, To, "--pooling", "mean", "--max-length", "100000")
            .AssertFails(1, "--max-length is 100000", "positions");
        ToolRun.Of("convert", _onnx, To, "--normalize").AssertFails(1, "--normalize and prompts are for sentence encoders");
        File.AppendAllText(Path.Combine(_encoder.Folder, "vocab.txt"), "Zoë\n");
        ToolRun.Of("convert", _onnx, To, "--no-pooling").AssertFails(1, "vocab.txt", "'Zoë'", "--cased or --lower-case");
        Assert.False(Directory.Exists(To));
    }

    [Fact]
    public void TheVocabularysCasingIsAnOption()
    {
        Assert.Contains("casing: cased; --cased", ToolRun.Of("convert", _onnx, To, "--no-pooling", "--cased").Succeeds(),
            StringComparison.Ordinal);
        Assert.False(BertTokenizer.Load(To).Options.LowerCase);
        Assert.False(File.Exists(Path.Combine(To, "modules.json")));
    }

    [Fact]
    public void OptionsThatTheSourceContradictsAreRefused()
    {
        var first = Path.Combine(_encoder.Folder, "first");
        ToolRun.Of("convert", _onnx, first, "--pooling", "mean", "--max-length", "20", "--query-prompt", "q: ").Succeeds();
        foreach (var (says, options) in new (string, string[])[]
        {
            ("--pooling contradicts", ["--pooling", "cls"]), ("--normalize contradicts", ["--normalize"]),
            ("--max-length contradicts", ["--max-length", "21"]), ("--query-prompt contradicts", ["--query-prompt", "query: "]),
            ("--cased contradicts", ["--cased"]), ("--no-pooling contradicts", ["--no-pooling"]),
        })
            ToolRun.Of(["convert", first, To, .. options]).AssertFails(1, first, says);
        Assert.False(Directory.Exists(To));
        ToolRun.Of("convert", first, To, "--pooling", "mean", "--max-length", "20", "--query-prompt", "q: ").Succeeds();
    }

    [Fact]
    public void AFolderInUseIsLeftAsItIs()
    {
        Directory.CreateDirectory(To);
        File.WriteAllText(Path.Combine(To, "config.json"), "mine");
        ToolRun.Of("convert", _onnx, To, "--pooling", "mean").AssertFails(1, To, "config.json");
        Assert.Equal("mine", File.ReadAllText(Path.Combine(To, "config.json")));
        File.Delete(Path.Combine(To, "config.json"));
        ToolRun.Of("convert", _onnx, To, "--pooling", "mean").Succeeds();
    }

    [Fact]
    public void BadInputLeavesNothingBehind()
    {
        ToolRun.Of("convert", _onnx + "x", To).AssertFails(1, _onnx + "x");
        File.WriteAllBytes(_onnx, [.. File.ReadAllBytes(_onnx).Take(1000)]);
        ToolRun.Of("convert", _onnx, To, "--pooling", "mean").AssertFails(1, _onnx);
        ToolRun.Of("convert", _onnx, To, "--cased", "--lower-case").AssertFails(2, "exclude each other");
        ToolRun.Of("convert", _onnx, To, "--pooling", "mean", "--no-pooling").AssertFails(2, "exclude each other");
        ToolRun.Of("convert", _onnx, To, "--precision", "int8").AssertFails(2, "int8");
        Assert.Equal(["model.onnx", "vocab.txt"],
            Directory.EnumerateFileSystemEntries(_encoder.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ATableThatDoesNotFitTheTypeLeavesNothingBehind()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_encoder.Folder, "huge")).FullName;
        File.Copy(Path.Combine(_encoder.Model, "config.json"), Path.Combine(folder, "config.json"));
        using (var source = ModelFolder.Open(_encoder.Model))
        {
            var writer = new SafetensorsWriter();
            foreach (var name in source.Tensors.Names)
            {
                Assert.True(source.Tensors.TryGetTensor(name, out var info));
                var values = new float[info.ElementCount];
                Array.Fill(values, 1e6f);
                writer.Add(name, info.Shape, values);
            }

            writer.Save(Path.Combine(folder, "model.safetensors"));
        }

        ToolRun.Of("convert", folder, To, "--precision", "float16").AssertFails(1, "is beyond the range of float16");
        Assert.False(Directory.Exists(To));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_encoder.Folder, "*.tmp"));
    }

    [Fact]
    public void AnOnnxFileIsWrittenWithWhatBelongsBesideIt()
    {
        var to = Path.Combine(_encoder.Folder, "out", "sentences.onnx");
        var output = ToolRun.Of("convert", _onnx, to, "--pooling", "cls", "--normalize", "--max-length", "20").Succeeds();
        Assert.Contains("format: ONNX, operator set 12", output, StringComparison.Ordinal);
        Assert.Contains($"{to}: BertModel, ", output, StringComparison.Ordinal);
        var names = Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(to)!).Select(Path.GetFileName).ToHashSet();
        Assert.Superset(new HashSet<string?> { "config.json", "tokenizer.json", "vocab.txt", "modules.json", "1_Pooling", "2_Normalize",
            "sentence_bert_config.json", "sentences.onnx" }, names);
        Assert.DoesNotContain(names, name => name!.EndsWith(".tmp", StringComparison.Ordinal) || name == "model.safetensors");
        SameVectors(_onnx, to,
            new TextEmbedderOptions { Reading = new() { MaxLength = 20 }, Pooling = SentencePooling.Cls, Normalize = true });
    }

    [Fact]
    public void AnOnnxFileOfAClassifierGivesTheSameAnswers()
    {
        var to = Path.Combine(_classifier.Folder, "out", "model.onnx");
        ToolRun.Of("convert", _classifier.Model, to, "--opset", "17", "--external-data").Succeeds();
        Assert.True(File.Exists(to + ".data"));
        Assert.Equal(Classes(_classifier.Model), Classes(to));
        Assert.Equal(Classes(_classifier.Model), Classes(Path.GetDirectoryName(to)!));
    }

    [Fact]
    public void AFolderCanBeMadeOfAnOnnxFileToo()
    {
        ToolRun.Of("convert", _classifier.Model, To, "--format", "onnx").Succeeds();
        Assert.True(File.Exists(Path.Combine(To, "model.onnx")));
        Assert.Equal(Classes(_classifier.Model), Classes(To));
        ToolRun.Of("convert", To, To + "-back").Succeeds();
        Assert.Equal(File.ReadAllBytes(Path.Combine(_classifier.Model, "model.safetensors")).Length,
            File.ReadAllBytes(Path.Combine(To + "-back", "model.safetensors")).Length);
        Assert.Equal(Classes(_classifier.Model), Classes(To + "-back"));
    }

    [Theory]
    [InlineData("onnx/model.onnx")]
    [InlineData("model.onnx")]
    public void InTheFolderOfItsSourceOnlyTheFileIsWritten(string name)
    {
        ToolRun.Of("convert", _classifier.Model, To).Succeeds();
        var before = Files(To);
        Assert.Contains($"beside it: the files of {To}",
            ToolRun.Of("convert", To, Path.Combine(To, name)).Succeeds(), StringComparison.Ordinal);
        Assert.Equal(before.Append(Path.Combine(To, name)).Order(StringComparer.Ordinal), Files(To).Order(StringComparer.Ordinal));

        static List<string> Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)];
    }

    [Fact]
    public void AnEncoderInAFolderOfItsOwnBecomesOneWithTheFile()
    {
        var first = Path.Combine(_encoder.Folder, "first");
        ToolRun.Of("convert", _onnx, first, "--pooling", "max", "--max-length", "20", "--query-prompt", "q: ").Succeeds();
        Directory.CreateDirectory(Path.Combine(first, "0_Transformer"));
        foreach (var file in Directory.EnumerateFiles(first).Where(file => Path.GetFileName(file) is not ("modules.json"
            or "config_sentence_transformers.json")))
            File.Move(file, Path.Combine(first, "0_Transformer", Path.GetFileName(file)));
        var modules = Path.Combine(first, "modules.json");
        File.WriteAllText(modules, File.ReadAllText(modules)
            .Replace("\"path\": \"\"", "\"path\": \"0_Transformer\"", StringComparison.Ordinal));
        var to = Path.Combine(_encoder.Folder, "out", "model.onnx");
        ToolRun.Of("convert", first, to).Succeeds();
        var settings = SentenceEncoderSettings.Load(to);
        Assert.Equal((SentencePooling.Max, 20, "q: "), (settings.Pooling, settings.MaxSequenceLength, settings.Prompts["query"]));
        using TextEmbedder before = TextEmbedder.Load(first), after = TextEmbedder.Load(to);
        foreach (var text in Texts) Assert.Equal(before.Embed(text).Vector.ToArray(), after.Embed(text).Vector.ToArray());
    }

    [Fact]
    public void AnOnnxFileReplacesNothing()
    {
        var to = Path.Combine(_encoder.Folder, "out", "new.onnx");
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var mine = Path.Combine(Path.GetDirectoryName(to)!, "config.json");
        File.WriteAllText(mine, "mine");
        ToolRun.Of("convert", _classifier.Model, to).AssertFails(1, mine, "is there already");
        Assert.Equal([mine], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(to)!));
        File.Move(mine, to);
        ToolRun.Of("convert", _classifier.Model, to).AssertFails(1, to, "is there already");
        ToolRun.Of("convert", _classifier.Model, To, "--opset", "12").AssertFails(2, "--opset", ".onnx");
        ToolRun.Of("convert", _classifier.Model, To + ".onnx", "--opset", "10").AssertFails(2, "--opset", "11");
        ToolRun.Of("convert", _classifier.Model, To + ".onnx", "--precision", "float16").AssertFails(1, "float32");
        Assert.False(Path.Exists(To) || Path.Exists(To + ".onnx"));
    }

    private static string WriteOnnx(TestTool tool)
    {
        using var model = ModelFolder.Open(tool.Model);
        var graph = ModelGraph.Create(model.Configuration, ModelGraph.HeadOf(model.Configuration), RowSet.Tokens);
        var path = Path.Combine(tool.Folder, "model.onnx");
        OnnxExport.Save(path, graph, model.Weights, OnnxExport.OutputsOf(graph));
        File.Copy(Path.Combine(tool.Model, "vocab.txt"), Path.Combine(tool.Folder, "vocab.txt"));
        return path;
    }

    private static void SameVectors(string source, string converted, TextEmbedderOptions options)
    {
        using var before = TextEmbedder.Load(source, options);
        using var after = TextEmbedder.Load(converted);
        foreach (var text in Texts) Assert.Equal(before.Embed(text).Vector.ToArray(), after.Embed(text).Vector.ToArray());
    }

    private static string[] Classes(string model) =>
        [.. Texts.SelectMany(text => ToolRun.Of("classify", "--model", model, "--json", text).Succeeds().Split('\n').Take(1))
            .Select(line => $"{JsonNode.Parse(line)!["label"]}\t{JsonNode.Parse(line)!["score"]}")];
}
