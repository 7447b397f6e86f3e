using Microsoft.ML.OnnxRuntime;
using SqueezeBert.Benchmarks.Engines;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.ModelFolders.Onnx.Writing;

namespace SqueezeBert.Benchmarks.Tests;

/// <summary>
/// The small benchmark of every build: our engine and ONNX Runtime on a graph with the same weights, which fails on different results and
/// never on time. ONNX Runtime's package has native parts for Linux, Windows and macOS on x64 and ARM64, macOS on x64 and musl aside; there
/// these tests are skipped.
/// </summary>
public class OnnxRuntimeComparisonTests
{
    public static TheoryData<string> Models =>
        [.. BenchmarkModel.All.Select(model => model.Name).Where(name => name.StartsWith("tiny-", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Models))]
    public void TheBenchmarkRunsAndBothEnginesAgree(string model)
    {
        SkipWithoutOnnxRuntime();
        using var output = new StringWriter();
        var arguments = new Arguments("inference", "--models", model, "--threads", "1,2", "--lengths", "1,2,17,64", "--batch", "2",
            "--seconds", "0", "--rounds", "1", "--turn", "0", "--pause", "0");
        InferenceBenchmark.Run(arguments, output);
        var rows = output.ToString().Split('\n').Where(line => line.StartsWith($"| {model} ", StringComparison.Ordinal)).ToList();

        // Ours, theirs and two of the machine for each length, number of threads and output; DistilBERT has one output.
        Assert.Equal(4 * 4 * 2 * (model == "tiny-distilbert" ? 1 : 2), rows.Count);
        Assert.Equal(rows.Count / 4, rows.Count(row => row.Contains("| ONNX Runtime ")));
    }

    [Theory]
    [InlineData("tiny-squeezebert")]
    [InlineData("tiny-bert")]
    [InlineData("tiny-distilbert")]
    public void APackedBatchAgreesWithAPaddedOne(string name)
    {
        SkipWithoutOnnxRuntime();
        var model = BenchmarkModel.Find(name);
        using var onnx = new OnnxModel(model, peers: null);
        using var ours = new Engine(model.Configuration, model.Graph(), model.Parameters());
        using var theirs = OnnxRuntimeEngine.Open(onnx.Path, threads: 1);
        using IEngine packed = new SqueezeBertEngine(ours, OutputNames.LastHiddenState),
            padded = new OnnxRuntimeEngine(theirs, OutputNames.LastHiddenState);
        var texts = new[] { 3, 40, 1, 17 }.Select((length, i) => TokenText.Random(length, model.Configuration.VocabularySize, i)).ToList();
        packed.Prepare([texts]);
        padded.Prepare([texts]);
        packed.Run();
        padded.Run();
        Comparison.Check(name, packed, padded);
        Assert.Equal(61 * model.Configuration.HiddenSize, padded.LastResult().Length);
    }

    [Fact]
    public void OtherWeightsAreNoticed()
    {
        SkipWithoutOnnxRuntime();
        var model = BenchmarkModel.Find("tiny-squeezebert");
        var path = Path.Combine(Path.GetTempPath(), $"squeezebert-test-{Guid.NewGuid():N}.onnx");
        try
        {
            OnnxExport.Save(path, model.Graph(), new FormulaParameters(gain: 1.01f));
            using var ours = new Engine(model.Configuration, model.Graph(), model.Parameters());
            using var theirs = OnnxRuntimeEngine.Open(path, threads: 1);
            using IEngine one = new SqueezeBertEngine(ours, OutputNames.PoolerOutput),
                other = new OnnxRuntimeEngine(theirs, OutputNames.PoolerOutput);
            foreach (var engine in new[] { one, other })
            {
                engine.Prepare([[TokenText.Random(9, model.Configuration.VocabularySize)]]);
                engine.Run();
            }

            var error = Assert.Throws<WrongResultException>(() => Comparison.Check("pooler", one, other));
            Assert.Contains("pooler: value", error.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void TextsOfAFileAreTimedInBatches()
    {
        SkipWithoutOnnxRuntime();
        using var folder = new SyntheticCheckpoint(BenchmarkModel.Find("tiny-squeezebert"));
        var file = Path.Combine(folder.Path, "texts.txt");
        File.WriteAllLines(file, Enumerable.Range(1, 20).Select(words => string.Join(' ', Enumerable.Repeat("good", words))));
        using var output = new StringWriter();
        TextsBenchmark.Run(
            new Arguments(
                "texts", "--text", file, "--vocab", Path.Combine(folder.Path, "vocab.txt"), "--models", "tiny-squeezebert", "--threads",
                "1", "--batches", "4", "--count", "12",
                "--seconds", "0", "--rounds", "1", "--turn", "0"),
            output);
        var rows = output.ToString().Split('\n').Where(line => line.StartsWith("| tiny-", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.Equal(6, rows.Count);

        // Tokens computed: ours least, padded most, sorted between.
        int Tokens(int row) => int.Parse(rows[row][7], null);
        Assert.True(Tokens(0) < Tokens(2) && Tokens(2) < Tokens(1), output.ToString());
    }

    internal static void SkipWithoutOnnxRuntime()
    {
        try
        {
            OrtEnv.Instance();
        }
        catch (Exception e)
            when (e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            Assert.Skip($"ONNX Runtime has no native library for this platform: {e.Message}");
        }
    }
}
