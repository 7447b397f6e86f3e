using SqueezeBert.Training.Engine;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Tests.Engine;

/// <summary>The number of threads does not show in a single bit of what training computes.</summary>
public sealed class SameBitsTests
{
    [Theory]
    [InlineData("squeezebert-sequence-classification", 2)]
    [InlineData("squeezebert-sequence-classification", 3)]
    [InlineData("squeezebert-masked-lm", 2)]
    [InlineData("squeezebert-masked-lm", 3)]
    public void ParametersAfterStepsWithDropout(string name, int threads)
    {
        var (one, loss) = Train(name, 1);
        var (many, otherLoss) = Train(name, threads);
        Assert.Equal(loss, otherLoss);
        Assert.True(one.AsSpan().SequenceEqual(many), "parameters differ");
    }

    private static (float[] Parameters, double Loss) Train(string name, int threads)
    {
        using var model = new TrainingCase(name, threads);
        using var optimizer = new AdamW(model.Parameters, new AdamWOptions(), model.Pool);
        double loss = 0;
        for (var step = 0; step < 3; step++)
        {
            loss = model.Run(new DropoutKey(7, step, 0));
            optimizer.Step(2e-3, maxNorm: 1);
        }

        return ([.. model.Graph.Parameters.SelectMany(parameter => model.Parameters.ValueSpan(parameter).ToArray())], loss);
    }
}
