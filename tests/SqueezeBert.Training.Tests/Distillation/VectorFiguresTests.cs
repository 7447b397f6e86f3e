using SqueezeBert.Training.Distillation;

namespace SqueezeBert.Training.Tests.Distillation;

public sealed class VectorFiguresTests
{
    [Fact]
    public void VectorsThatAreAlikeHaveNoSpread()
    {
        var figures = new VectorFigures();
        for (var i = 1; i < 20; i++) figures.Add([i, 2 * i, 0, -i]);
        Assert.Equal(0, figures.Spread(), 1e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void DirectionsThatAreUsedAlikeCount(int dimensions)
    {
        // Both ways along each of some axes: a mean of zero, and as many equal eigenvalues.
        var figures = new VectorFigures();
        for (var axis = 0; axis < dimensions; axis++)
        {
            foreach (var sign in (float[])[3, -0.5f])
            {
                var vector = new float[8];
                vector[axis] = sign;
                figures.Add(vector);
            }
        }

        Assert.Equal(1, figures.Spread(), 1e-9);
        Assert.Equal(dimensions, figures.EffectiveRank(), 1e-9);
    }

    [Fact]
    public void TheMeanDirectionIsNoDimension()
    {
        var (far, near) = (new VectorFigures(), new VectorFigures());
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var vector = Enumerable.Range(0, 16).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
            near.Add(vector);
            vector[0] += 20;
            far.Add(vector);
        }

        Assert.True(far.Spread() < 0.1 && near.Spread() > 0.9, $"{far.Spread()} {near.Spread()}");
        Assert.InRange(far.EffectiveRank(), 13, 16);
    }

    [Fact]
    public void NothingHasNoFigures()
    {
        var figures = new VectorFigures();
        figures.Add([0, 0]);
        Assert.Equal((double.NaN, double.NaN), (figures.Spread(), figures.EffectiveRank()));
    }
}
