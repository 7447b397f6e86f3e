using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Kernels;
using SqueezeBert.Tests;
using SqueezeBert.Training;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Gradients.Tests;

/// <summary>
/// What training computes depends neither on the number of threads nor on the instruction set nor on chance, and hardly on how a step is
/// divided into batches.
/// </summary>
public sealed class SameBitsTests
{
    private const ulong Seed = 7;

    /// <summary>In a child process: the file that the digest of its parameters goes to.</summary>
    private const string FileVariable = "SQUEEZEBERT_TEST_BITS";

    public static TheoryData<string> Models =>
        ["squeezebert-sequence-classification", "squeezebert-masked-lm", "separable-sequence-classification"];

    [Theory]
    [MemberData(nameof(Models))]
    public void ParametersAfterStepsWithDropout(string name)
    {
        var (expected, loss) = Train(name, 1);
        foreach (var threads in (int[])[1, 2, 3])
        {
            var (parameters, otherLoss) = Train(name, threads);
            Assert.Equal(loss, otherLoss);
            Assert.True(expected.AsSpan().SequenceEqual(parameters), $"parameters differ with {threads} threads");
        }
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0")]
    [InlineData(InstructionSets.Variable, "avx512tiles")]
    [InlineData(InstructionSets.Variable, "avx2")]
    [InlineData(InstructionSets.Variable, "vector128")]
    [InlineData(InstructionSets.Variable, "scalar")]
    public async Task ParametersWithAnotherInstructionSet(string variable, string value)
    {
        Assert.SkipUnless(InstructionSets.HasFusedMultiplyAdd,
            "this processor has no fused multiply-add, so its bits differ from those of one that has");
        Assert.SkipUnless(
            variable != InstructionSets.Variable
                || InstructionSets.Available.Any(set => set.ToString().Equals(value, StringComparison.OrdinalIgnoreCase)),
                $"this processor has no {value}");
        var file = Path.GetTempFileName();
        try
        {
            await TestProcess.RunAsync(
                ["-method", $"{typeof(SameBitsTests).FullName}.{nameof(TheDigestIsWritten)}"],
                new Dictionary<string, string> { [variable] = value, [FileVariable] = file });
            var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
            Assert.Equal(variable == InstructionSets.Variable ? value : "False", lines[variable == InstructionSets.Variable ? 0 : 1],
                ignoreCase: true);
            Assert.Equal(Digest(), lines[2]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Does something only in a child process of the test above.</summary>
    [Fact]
    public void TheDigestIsWritten()
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is { } file)
            File.WriteAllLines(file, [$"{InstructionSets.Selected}", $"{Avx512F.IsSupported}", Digest()]);
    }

    /// <summary>
    /// Norms add up blocks of rows, which end where a batch ends, and a table that is the decoder's weight too gets both gradients batch by
    /// batch; all other sums are the same chains.
    /// </summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void FourBatchesGiveTheGradientOfOne(string name)
    {
        using var whole = new TrainingCase(name);
        var loss = whole.Run(new DropoutKey(Seed, 0, 0));
        using var parts = new TrainingCase(name);
        Assert.Equal(loss, parts.RunInParts(new DropoutKey(Seed, 0, 0)), 1e-12 * loss);
        foreach (var (parameter, same) in whole.Graph.Parameters.Zip(parts.Graph.Parameters))
        {
            var expected = whole.Parameters.GradientSpan(parameter);
            var actual = parts.Parameters.GradientSpan(same);
            var isTied = whole.Graph.Nodes.Count(node => node.Expressions.Contains(parameter)) > 1;
            if (!isTied && parameter.Kind is not (ParameterKind.NormWeight or ParameterKind.NormBias))
            {
                Assert.True(expected.SequenceEqual(actual), $"{parameter.Name} differs");
                continue;
            }

            var tolerance = 1e-6f * expected.ToArray().Max(MathF.Abs);
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], tolerance);
        }
    }

    [Fact]
    public void ABatchWithoutSelectedRowsHasNoGradient()
    {
        using var model = new TrainingCase("squeezebert-masked-lm");
        var batch = new PackedBatch();
        batch.Add([2, 5, 6, 3]);
        model.Training.PackWeights();
        model.Training.ClearGradients();
        model.Training.Forward(batch, new DropoutKey(Seed, 0, 0));
        Assert.Equal(0, model.Training.Output(OutputNames.Logits).Rows.Count);
        model.Training.Backward();
        foreach (var parameter in model.Graph.Parameters)
            Assert.All(model.Parameters.GradientSpan(parameter).ToArray(), element => Assert.Equal(0, element));
    }

    private static string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in Models) hash.AppendData(MemoryMarshal.AsBytes(Train(name, 2).Parameters.AsSpan()));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static (float[] Parameters, double Loss) Train(string name, int threads)
    {
        using var model = new TrainingCase(name, threads);
        using var optimizer = Optimizer.Create(
            name == "squeezebert-masked-lm" ? OptimizerKind.Lamb : OptimizerKind.AdamW, model.Parameters, new AdamWOptions(), model.Pool);
        double loss = 0;
        for (var step = 0; step < 3; step++)
        {
            loss = model.Run(new DropoutKey(Seed, step, 0));
            optimizer.Step(2e-3, maxNorm: 1);
        }

        return ([.. model.Graph.Parameters.SelectMany(parameter => model.Parameters.ValueSpan(parameter).ToArray())], loss);
    }
}
