using System.Text;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Benchmarks.Published;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Benchmarks.Tests;

/// <summary>The benchmark of published models without its packages: a tiny model stands for them.</summary>
public sealed class PublishedTests : IDisposable
{
    private static readonly string[] Texts = ["one two", "three", "one two three two one one two"];
    private readonly string _folder = Directory.CreateTempSubdirectory("squeezebert-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(SentencePooling.Mean)]
    [InlineData(SentencePooling.Cls)]
    public void AnOnnxFileIsComparedAndTimed(SentencePooling pooling)
    {
        OnnxRuntimeComparisonTests.SkipWithoutOnnxRuntime();
        var model = BenchmarkModel.Find("tiny-bert");
        using var onnx = new OnnxModel(model, peers: null);
        var file = Path.Combine(_folder, "model.onnx");
        File.Copy(onnx.Path, file);
        File.WriteAllLines(Path.Combine(_folder, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one", "two", "three"]);
        using var output = new StringWriter();
        var arguments = new Arguments("published", "--threads", "1", "--batches", "2", "--count", "3", "--max-length", "16",
            "--seconds", "0",
            "--rounds", "1", "--turn", "0", "--pause", "0");
        PublishedBenchmark.RunOn(arguments, output, new PublishedModel("tiny", "None", pooling), file, Texts);
        Assert.Contains("tiny: 3 texts, largest difference", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(6, output.ToString().Split('\n').Count(line => line.StartsWith("| tiny ", StringComparison.Ordinal)));

        // Another pooling than the embedder's is another vector.
        using var session = OnnxRuntimeEngine.Open(file, threads: 1);
        using var max = TextEmbedder.Load(file, new TextEmbedderOptions { Pooling = pooling });
        Assert.Throws<WrongResultException>(() => VectorComparison.Largest(max, session, Texts));
    }

    [Fact]
    public void ResourcesAreReadFromAnAssemblysFile()
    {
        var target = Path.Combine(_folder, "driver.py");
        var assembly = typeof(BenchmarkModel).Assembly;
        AssemblyResources.Extract(assembly.Location, "openvino_driver.py", target);
        using var reader = new StreamReader(assembly.GetManifestResourceStream("openvino_driver.py")!, Encoding.UTF8);
        Assert.Equal(reader.ReadToEnd(), File.ReadAllText(target));
        var error = Assert.Throws<InvalidDataException>(() => AssemblyResources.Extract(assembly.Location, "model.onnx", target));
        Assert.Contains("only openvino_driver.py", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => AssemblyResources.Extract(target, "model.onnx", target + "x"));
    }

    [Fact]
    public void SentencesAreThoseOfProse()
    {
        string[] lines = ["# A heading of four words", "", "First sentence of the line. Second one is here! No.",
            "| a | table | of words |",
            "```", "code of some more words", "```", "* an item of four words", "    indented code of some words"];
        Assert.Equal(["First sentence of the line.", "Second one is here!", "an item of four words"], Sentences.OfMarkdown(lines));
        Assert.True(Sentences.OfDocumentation().Count > 100);
        var file = Path.Combine(_folder, "texts.txt");
        File.WriteAllText(file, "one\n \ntwo\n");
        Assert.Equal(["one", "two"], Sentences.OfLines(file));
        File.WriteAllText(file, "\n");
        Assert.Contains("has no texts", Assert.Throws<ArgumentException>(() => Sentences.OfLines(file)).Message);
        Assert.Contains("arctic-xs", Assert.Throws<ArgumentException>(() => PublishedModel.Find("gpt")).Message);
    }
}
