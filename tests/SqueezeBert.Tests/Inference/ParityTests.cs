using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Tests.ModelFolders;

namespace SqueezeBert.Tests.Inference;

/// <summary>Every output of the tiny models against the reference's, real tokens only.</summary>
public class ParityTests
{
    /// <summary>
    /// Of the tensor's largest value, or of one where that is smaller; float32 results differ from float64 by up to a tenth of it.
    /// </summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> Models => [.. GoldenModels.Folders.Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Models))]
    public void AllOutputsAgreeWithTheReference(string name)
    {
        using var golden = new GoldenModel(name);
        using var model = golden.Load(threads: 2);
        var outputs = PaddedForward.Run(model, golden.Shape, Long(golden.Ids), Long(golden.Mask), Long(golden.TypeIds));
        var byName = outputs.ToDictionary(output => output.Name);
        Assert.Empty(golden.OutputNames.Except(byName.Keys));
        foreach (var output in golden.OutputNames)
        {
            Assert.Equal(golden.ExpectedShape(output), byName[output].Shape);
            var worst = Error(golden, byName[output]);
            Assert.True(worst <= Tolerance, $"{name} {output}: {worst:e2}");
        }
    }

    [Theory]
    [InlineData("squeezebert-sequence-classification", "logits")]
    [InlineData("squeezebert-encoder", "pooler_output")]
    public void AnOutputAskedForAloneHasTheBitsItHasAmongAll(string name, string output)
    {
        using var golden = new GoldenModel(name);
        using var model = golden.Load();
        using var all = model.CreateSession([.. golden.OutputNames]);
        using var alone = model.CreateSession(output);
        var batch = golden.Batch(Enumerable.Range(0, golden.TextCount));
        all.Run(batch);
        alone.Run(batch);
        Assert.Equal(all.GetOutput(output), alone.GetOutput(output));
    }

    private static long[] Long(int[] values) => [.. values.Select(value => (long)value)];

    /// <summary>
    /// The largest difference over real tokens (attention: real queries with real keys), of the largest value; the rest must be zeros.
    /// </summary>
    private static double Error(GoldenModel golden, PaddedTensor actual)
    {
        var expected = golden.Expected(actual.Name);
        Assert.Equal(expected.Length, actual.Values.Length);
        var (largest, worst) = (1.0, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!IsReal(golden, actual, i))
            {
                Assert.Equal(0, actual.Values[i]);
                continue;
            }

            if (float.IsNaN(actual.Values[i])) return double.NaN;
            largest = Math.Max(largest, Math.Abs(expected[i]));
            worst = Math.Max(worst, Math.Abs((double)expected[i] - actual.Values[i]));
        }

        return worst / largest;
    }

    private static bool IsReal(GoldenModel golden, PaddedTensor tensor, int index)
    {
        if (tensor.Shape.Length == 4)
        {
            var (key, query) = (index % golden.Length, index / golden.Length % golden.Length);
            var text = index / (golden.Length * golden.Length * tensor.Shape[1]);
            return golden.Mask[(text * golden.Length) + key] != 0 && golden.Mask[(text * golden.Length) + query] != 0;
        }

        var isByToken = tensor.Shape.Length == 3 || tensor.Name is OutputNames.StartLogits or OutputNames.EndLogits;
        return !isByToken || golden.Mask[index / (tensor.Values.Length / golden.Mask.Length)] != 0;
    }
}
