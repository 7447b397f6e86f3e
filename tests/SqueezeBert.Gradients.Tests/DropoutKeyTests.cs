using SqueezeBert.Gradients.Batches;
using SqueezeBert.Kernels.Backward;

namespace SqueezeBert.Gradients.Tests;

public sealed unsafe class DropoutKeyTests
{
    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    public void DropsTheGivenShareAndKeepsTheMean(float probability)
    {
        const int Width = 250;
        const int Rows = 2000;
        var source = stackalloc float[Width];
        var target = stackalloc float[Width];
        for (var i = 0; i < Width; i++) source[i] = 1;
        var dropped = 0;
        double sum = 0;
        for (var row = 0; row < Rows; row++)
        {
            var key = DropoutKey.RowAt(new DropoutKey(1, 2, 3).Site(4), DropoutKey.Row(row / 50, row % 50));
            Dropout.Apply(source, target, Width, key, DropoutKey.Threshold(probability), DropoutKey.KeepScale(probability),
                accumulate: false);
            for (var i = 0; i < Width; i++)
            {
                if (target[i] == 0) dropped++;
                sum += target[i];
            }
        }

        // Five standard deviations of the binomial distribution.
        const double Count = Width * Rows;
        var tolerance = 5 * Math.Sqrt(probability * (1 - probability) / Count);
        Assert.Equal(probability, dropped / Count, tolerance);
        Assert.Equal(1, sum / Count, tolerance / (1 - probability));
    }

    [Fact]
    public void SitesStepsExamplesAndPositionsDrawDifferentNumbers()
    {
        var keys = new HashSet<ulong>();
        for (var step = 0; step < 4; step++)
        {
            for (var site = 0; site < 4; site++)
            {
                for (var example = 0; example < 8; example++)
                {
                    for (var position = 0; position < 8; position++)
                        keys.Add(DropoutKey.RowAt(new DropoutKey(9, step, 0).Site(site), DropoutKey.Row(example, position)));
                }
            }
        }

        Assert.Equal(4 * 4 * 8 * 8, keys.Count);
    }
}
