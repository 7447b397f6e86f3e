using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Tests.Optimization;

public sealed class WeightAverageTests
{
    private static readonly Parameter[] Parameters = [new("a", ParameterKind.Weight, 300, 77), new("b", ParameterKind.Bias, 5)];

    [Fact]
    public void TheMeanIsThatOfAPlainTwin()
    {
        using var pool = new WorkerPool(2);
        using var store = new ParameterStore(Parameters);
        var random = new Random(4);
        Fill();
        using var average = new WeightAverage(store, 0.6, pool);
        var twin = Parameters.ToDictionary(parameter => parameter, parameter => store.ValueSpan(parameter).ToArray().Select(value =>
            (double)value).ToArray());
        for (var step = 1; step <= 30; step++)
        {
            Fill();
            average.Add(step);
            var decay = Math.Min(0.6, (1.0 + step) / (10 + step));
            foreach (var parameter in Parameters)
            {
                for (var i = 0; i < twin[parameter].Length; i++)
                    twin[parameter][i] = (decay * twin[parameter][i]) + ((1 - decay) * store.ValueSpan(parameter)[i]);
            }
        }

        foreach (var parameter in Parameters)
        {
            for (var i = 0; i < twin[parameter].Length; i++) Assert.Equal(twin[parameter][i], average.Mean(parameter)[i], 1e-6);
        }

        void Fill()
        {
            foreach (var parameter in Parameters)
            {
                foreach (ref var value in store.ValueSpan(parameter)) value = random.NextSingle();
            }
        }
    }

    [Fact]
    public void MeanAndValuesChangePlaces()
    {
        using var pool = new WorkerPool(2);
        using var store = new ParameterStore(Parameters);
        foreach (var parameter in Parameters) store.ValueSpan(parameter).Fill(1);
        using var average = new WeightAverage(store, 0.9, pool);
        foreach (var parameter in Parameters) store.ValueSpan(parameter).Fill(2);
        average.Swap();
        Assert.True(average.IsSwapped);
        Assert.All(Parameters, parameter => Assert.Equal((1, 2), (store.ValueSpan(parameter)[^1], average.Mean(parameter)[^1])));
        average.Swap();
        Assert.All(Parameters, parameter => Assert.Equal((2, 1), (store.ValueSpan(parameter)[^1], average.Mean(parameter)[^1])));
    }
}
