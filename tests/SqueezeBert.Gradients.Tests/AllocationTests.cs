using SqueezeBert.Gradients.Batches;
using SqueezeBert.Tests;
using SqueezeBert.Training;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Gradients.Tests;

public sealed class AllocationTests
{
    /// <summary>Memory of batches is native and kept; managed memory is not needed at all.</summary>
    [Theory]
    [InlineData("squeezebert-sequence-classification", OptimizerKind.AdamW)]
    [InlineData("squeezebert-masked-lm", OptimizerKind.Lamb)]
    [InlineData("separable-sequence-classification", OptimizerKind.AdamW)]
    public void AStepAllocatesNothingOnceWarm(string name, OptimizerKind kind)
    {
        using var model = new TrainingCase(name);
        using var optimizer = Optimizer.Create(kind, model.Parameters, new AdamWOptions(), model.Pool, _ => 0.5);
        using var average = new WeightAverage(model.Parameters, 0.99, model.Pool);
        Step(0);
        Step(1);
        var memory = model.Training.WorkingMemory;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var step = 2; step < 12; step++) Step(step);
        }));
        Assert.Equal(memory, model.Training.WorkingMemory);

        void Step(int number)
        {
            model.Run(new DropoutKey(1, number, 0));
            optimizer.Step(1e-3, maxNorm: 1);
            average.Add(number + 1);
            average.Swap();
            average.Swap();
        }
    }
}
