using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.Kernels.Products.MachineCode;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Tests.Inference;

/// <summary>
/// Whole models, in float32 and in int8, give the same bits with AVX-512, with AVX2 and fused multiply-add, and with the scalar twins.
/// </summary>
public class InstructionSetBitsTests
{
    /// <summary>In a child process: the file that the digest of its outputs goes to.</summary>
    private const string FileVariable = "SQUEEZEBERT_TEST_BITS";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0")]
    [InlineData(InstructionSets.Variable, "avx512tiles")]
    [InlineData(InstructionSets.Variable, "avx2")]
    [InlineData(InstructionSets.Variable, "vector128")]
    public Task InstructionSetsDoNotChangeBits(string variable, string value) => AssertSameBitsAsync(variable, value, null);

    /// <summary>Processors without instructions for bytes multiply words.</summary>
    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0", "Avx2")]
    [InlineData(MachineRoutines.Variable, "0", "Avx512")]
    public Task WordsDoNotChangeBits(string variable, string value, string form)
    {
        Assert.SkipUnless(InstructionSets.IsAvailable(Enum.Parse<InstructionSet>(form)), "this processor has no such vectors");
        return AssertSameBitsAsync(variable, value, form);
    }

    private static async Task AssertSameBitsAsync(string variable, string value, string? wordForm)
    {
        Assert.SkipUnless(InstructionSets.HasFusedMultiplyAdd,
            "this processor has no fused multiply-add, so its bits differ from those of one that has");
        Assert.SkipUnless(value != "avx2" || Avx2.IsSupported, "this processor has no AVX2");
        Assert.SkipUnless(
            value != "avx512tiles" || InstructionSets.IsAvailable(InstructionSet.Avx512Tiles), "this processor has no 512-bit vectors");
        Assert.SkipUnless(!variable.StartsWith("DOTNET_", StringComparison.Ordinal) || X86Base.IsSupported,
            "the variable is of x86 processors");
        var file = Path.GetTempFileName();
        try
        {
            await TestProcess.RunAsync(
                ["-method", $"{typeof(InstructionSetBitsTests).FullName}.{nameof(WriteTheDigest)}"],
                new Dictionary<string, string>
                {
                    [variable] = value,
                    ["DOTNET_EnableAVXVNNI"] = wordForm is null ? "1" : "0",
                    [FileVariable] = file,
                });
            var lines = await File.ReadAllLinesAsync(file);
            if (variable.StartsWith("DOTNET_", StringComparison.Ordinal)) Assert.Equal("Avx512 False", lines[0]);
            Assert.Equal(Digest(), lines[1]);
            if (wordForm is not null) Assert.Equal($"Int8 {wordForm}", lines[3]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>
    /// Does something only in a child process of the test above, or of the tests of the release that run it on another system.
    /// </summary>
    [Fact]
    public void WriteTheDigest()
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is { } file)
            File.WriteAllLines(file,
            [
                $"Avx512 {Avx512F.IsSupported}",
                Digest(),
                $"{RuntimeInformation.ProcessArchitecture} {InstructionSets.Selected} AdvSimd {AdvSimd.IsSupported}",
                $"Int8 {Int8Forms.Selected}",
            ]);
    }

    private static string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in GoldenModels.Folders.Select(Path.GetFileName))
        {
            using var golden = new GoldenModel(name!);
            foreach (var weights in new[] { WeightFormat.Float32, Int8Weights.Format })
            {
                using var model = golden.Load(weights: weights);
                Append(hash, model, golden.Batch(Enumerable.Range(0, golden.TextCount)));
            }
        }

        var configuration = new SqueezeBertConfiguration
        {
            VocabularySize = 300,
            HiddenSize = 256,
            EmbeddingSize = 256,
            HeadCount = 4,
            LayerCount = 2,
            IntermediateSize = 1024,
            MaxPositionEmbeddings = 128,
        };
        var batch = new PackedBatch();
        foreach (var length in new[] { 1, 13, 64, 101 }) batch.Add([.. Enumerable.Range(0, length).Select(i => (i * 31) % 300)]);
        var vocabulary = new Lazy<WordPieces>(new WordPieces(
            [.. Enumerable.Range(0, 300).Select(id => id % 3 == 0 ? $"##{id * 7919}" : $"{id * 104729}")], "##", id => id < 5));
        var tagger = configuration with
        {
            LayerCount = 1,
            Labels = ["O", "B", "I"],
            HashedNgrams = new() { Dimensions = 40 },
            Pieces = vocabulary,
        };
        foreach (var weights in new[] { WeightFormat.Float32, Int8Weights.Format })
        {
            using var ngrams = new Engine(
                tagger, ModelGraph.Create(tagger, ModelHead.TokenClassification), new FormulaParameters(),
                new EngineOptions { Weights = weights });
            Append(hash, ngrams, batch);
            using var wide = new Engine(
                configuration, ModelGraph.Create(configuration, ModelHead.None), new FormulaParameters(),
                new EngineOptions { Weights = weights });
            Append(hash, wide, batch);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, Engine model, PackedBatch batch)
    {
        var outputs = model.OutputNames.Where(name => !name.StartsWith("attentions.", StringComparison.Ordinal)).ToList();
        using var session = model.CreateSession(outputs);
        session.Run(batch);
        foreach (var output in outputs) hash.AppendData(MemoryMarshal.AsBytes(session.GetOutput(output)));
    }
}
