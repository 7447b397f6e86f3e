using System.Runtime.Intrinsics;
using SqueezeBert.Training.Engine;

namespace SqueezeBert.Training.Tests.Engine;

public sealed unsafe class DropoutKeyTests
{
    [Fact]
    public void VectorsDrawTheScalarNumbers()
    {
        for (var i = 0; i < 100; i++)
        {
            var key = DropoutKey.Mix((ulong)i);
            var vector = DropoutKey.Bits16(key, i * 7);
            for (var lane = 0; lane < 16; lane++) Assert.Equal(DropoutKey.Bits(key, (i * 7) + lane), vector.GetElement(lane));
        }
    }

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
            var key = new DropoutKey(1, 2, 3).Site(4, DropoutKey.Row(row / 50, row % 50));
            RowMath.Dropout(source, target, Width, key, DropoutKey.Threshold(probability), 1 / (1 - probability), accumulate: false);
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
                    for (var position = 0; position < 8; position++) keys.Add(new DropoutKey(9, step, 0).Site(site, DropoutKey.Row(example, position)));
                }
            }
        }

        Assert.Equal(4 * 4 * 8 * 8, keys.Count);
    }
}
