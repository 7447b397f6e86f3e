using SqueezeBert.Training.Starts.LeastSquares;

namespace SqueezeBert.Training.Tests.Starts;

public sealed class RidgeRegressionTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 3, 129)]
    [InlineData(13, 21, 300)]
    public void ProductsAreSumsOverRows(int leftWidth, int rightWidth, int rows)
    {
        var random = new Random(leftWidth);
        var left = Values(random, rows * (leftWidth + 2));
        var right = Values(random, rows * rightWidth);
        var less = Values(random, rows * rightWidth);
        var within = ColumnProducts.Within(leftWidth, 1);
        var between = ColumnProducts.Between(leftWidth, rightWidth, 1);
        within.Add(new Columns(left, leftWidth + 2, 1));
        between.Add(new Columns(left, leftWidth + 2, 1), new Columns(right, rightWidth, 0, less));
        Assert.Equal(rows, within.RowCount);
        for (var i = 0; i <= leftWidth; i++)
        {
            for (var j = 0; j <= leftWidth; j++) Assert.Equal(Sum(row => Left(row, i) * Left(row, j)), within[i, j]);
            for (var j = 0; j < rightWidth; j++)
            {
                Assert.Equal(
                    Sum(row => Left(row, i) * (right[(row * rightWidth) + j] - less[(row * rightWidth) + j])), between[i, j]);
            }
        }

        double Left(int row, int column) => column == leftWidth ? 1 : left[(row * (leftWidth + 2)) + column + 1];

        double Sum(Func<int, double> term)
        {
            var sum = 0.0;
            for (var row = 0; row < rows; row++) sum += term(row);
            return sum;
        }
    }

    [Fact]
    public void ProductsHaveTheSameBitsWhateverTheThreadsAndThePieces()
    {
        const int width = 37, rows = 1000;
        var values = Values(new Random(3), rows * width);
        var whole = ColumnProducts.Within(width, 4);
        whole.Add(new Columns(values, width));
        var pieces = ColumnProducts.Within(width, 1);
        for (int row = 0, size = 1; row < rows; row += size, size = Math.Min(size + 61, rows - row))
            pieces.Add(new Columns(values.AsSpan(row * width, Math.Min(size, rows - row) * width), width));
        Assert.Equal(rows, pieces.RowCount);
        for (var i = 0; i <= width; i++)
        {
            for (var j = 0; j <= width; j++)
                Assert.Equal(BitConverter.DoubleToInt64Bits(whole[i, j]), BitConverter.DoubleToInt64Bits(pieces[i, j]));
        }
    }

    [Fact]
    public void SolutionsSatisfyTheirEquations()
    {
        const int inputs = 19, outputs = 7;
        const double penalty = 0.3;
        var random = new Random(5);
        var root = Enumerable.Range(0, inputs * inputs).Select(_ => random.NextDouble() - 0.5).ToArray();
        var gram = new double[inputs * inputs];
        for (var i = 0; i < inputs; i++)
        {
            for (var j = 0; j < inputs; j++)
                gram[(i * inputs) + j] = Enumerable.Range(0, inputs).Sum(k => root[(k * inputs) + i] * root[(k * inputs) + j]);
        }

        double[] cross = [.. Enumerable.Range(0, inputs * outputs).Select(_ => random.NextDouble())];
        double[] known = [.. Enumerable.Range(0, inputs * outputs).Select(_ => random.NextDouble())];
        var solution = (double[])cross.Clone();
        RidgeRegression.Solve((double[])gram.Clone(), solution, inputs, penalty, known, CancellationToken.None);
        for (var i = 0; i < inputs; i++)
        {
            for (var o = 0; o < outputs; o++)
            {
                var left = penalty * solution[(i * outputs) + o];
                for (var j = 0; j < inputs; j++) left += gram[(i * inputs) + j] * solution[(j * outputs) + o];
                Assert.Equal(cross[(i * outputs) + o] + (penalty * known[(i * outputs) + o]), left, 1e-12);
            }
        }
    }

    [Fact]
    public void AnInterceptIsFoundAndNotPenalised()
    {
        // y = 2 x + 100 where x has the mean 50: a penalised intercept would be far off.
        float[] x = [49, 50, 51, 50], y = [198, 200, 202, 200];
        var fit = new GroupFit(1, 1, 1);
        fit.Add(new Columns(x, 1), new Columns(y, 1));
        var coefficients = fit.Cross();
        fit.Solve(coefficients, 1e-9, [0], CancellationToken.None);
        Assert.Equal(2, coefficients[0], 1e-6);
        Assert.Equal((50, 200), (fit.InputMean(0), fit.TargetMean(0)));
    }

    [Fact]
    public void AStrongPenaltyKeepsWhatIsKnown()
    {
        var random = new Random(7);
        var (x, y) = (Values(random, 300), Values(random, 200));
        var fit = new GroupFit(3, 2, 1);
        fit.Add(new Columns(x, 3), new Columns(y, 2));
        double[] known = [1, 2, 3, 4, 5, 6];
        var coefficients = fit.Cross();
        fit.Solve(coefficients, 1e9, known, CancellationToken.None);
        for (var i = 0; i < known.Length; i++) Assert.Equal(known[i], coefficients[i], 1e-6);
    }

    [Fact]
    public void InputsWithoutSpreadAreRefused()
    {
        var fit = new GroupFit(2, 1, 1);
        fit.Add(new Columns([1f, 2f, 1f, 2f], 2), new Columns([1f, 2f], 1));
        Assert.Throws<InvalidOperationException>(() => fit.Solve(fit.Cross(), 1e-3, [0, 0], CancellationToken.None));
    }

    private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.25f)];
}
