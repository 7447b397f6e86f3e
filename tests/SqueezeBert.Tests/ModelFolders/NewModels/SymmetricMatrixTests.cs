using SqueezeBert.ModelFolders.NewModels;

namespace SqueezeBert.Tests.ModelFolders.NewModels;

/// <summary>Eigenvectors against their definition.</summary>
public sealed class SymmetricMatrixTests
{
    [Fact]
    public void EigenvectorsAreTurnedIntoMultiplesOfThemselves()
    {
        const int Width = 23;
        var random = new Random(5);
        var matrix = new double[Width * Width];
        for (var i = 0; i < Width; i++)
        {
            for (var j = 0; j <= i; j++) matrix[(i * Width) + j] = matrix[(j * Width) + i] = random.NextDouble() - 0.5;
        }

        var (values, vectors) = SymmetricMatrix.Eigen([.. matrix], Width, TestContext.Current.CancellationToken);
        for (var v = 0; v < Width; v++)
        {
            var vector = vectors[(v * Width)..((v + 1) * Width)];
            for (var i = 0; i < Width; i++)
                Assert.Equal(values[v] * vector[i], Enumerable.Range(0, Width).Sum(j => matrix[(i * Width) + j] * vector[j]), 1e-11);
            for (var w = 0; w < Width; w++)
                Assert.Equal(v == w ? 1 : 0, Enumerable.Range(0, Width).Sum(j => vector[j] * vectors[(w * Width) + j]), 1e-11);
        }
    }

    /// <summary>A diagonal matrix has the axes as eigenvectors.</summary>
    [Fact]
    public void TheDirectionOfTheLargestEigenvalueIsTheFirst()
    {
        var directions = SymmetricMatrix.Directions([2, 0, 0, 0, 5, 0, 0, 0, 3], 3, TestContext.Current.CancellationToken);
        Assert.Equal([0, 1, 0, 0, 0, 1, 1, 0, 0], directions.Select(Math.Abs));
    }
}
