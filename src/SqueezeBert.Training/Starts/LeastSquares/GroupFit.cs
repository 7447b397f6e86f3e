namespace SqueezeBert.Training.Starts.LeastSquares;

/// <summary>
/// Fits linear functions of some channels to the columns of a target, with an intercept that is not penalised. Not thread-safe.
/// </summary>
/// <param name="inputs">Channels that the functions see.</param>
/// <param name="targets">Columns of the target.</param>
/// <param name="threads">To add with.</param>
internal sealed class GroupFit(int inputs, int targets, int threads)
{
    private readonly ColumnProducts _gram = ColumnProducts.Within(inputs, threads);
    private readonly ColumnProducts _cross = ColumnProducts.Between(inputs, targets, threads);

    /// <summary>Channels that the functions see.</summary>
    public int Inputs => inputs;

    /// <summary>Adds rows of the channels and of the target.</summary>
    public void Add(Columns x, Columns y)
    {
        _gram.Add(x);
        _cross.Add(x, y);
    }

    /// <summary>Mean of a channel.</summary>
    public double InputMean(int input) => _gram[inputs, input] / _gram.RowCount;

    /// <summary>Mean of a column of the target.</summary>
    public double TargetMean(int target) => _cross[inputs, target] / _cross.RowCount;

    /// <summary>Sums of products of channels and target, both less their means; [inputs, targets].</summary>
    public double[] Cross()
    {
        var cross = new double[inputs * targets];
        for (var i = 0; i < inputs; i++)
        {
            var mean = InputMean(i);
            for (var t = 0; t < targets; t++) cross[(i * targets) + t] = _cross[i, t] - (mean * _cross[inputs, t]);
        }

        return cross;
    }

    /// <summary>Turns products into coefficients.</summary>
    /// <param name="cross">
    /// <see cref="Cross"/>, or the same with linear functions of the target, [inputs, functions]; overwritten by the coefficients.
    /// </param>
    /// <param name="ridge">Penalty as a share of the channels' mean sum of squares, above 0.</param>
    /// <param name="known">Coefficients that the penalty draws to, [inputs, functions].</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each channel.</param>
    public void Solve(double[] cross, double ridge, double[] known, CancellationToken cancellationToken)
    {
        var gram = new double[inputs * inputs];
        var trace = 0.0;
        for (var i = 0; i < inputs; i++)
        {
            for (var j = 0; j < inputs; j++) gram[(i * inputs) + j] = _gram[i, j] - (InputMean(i) * _gram[inputs, j]);
            trace += gram[(i * inputs) + i];
        }

        RidgeRegression.Solve(gram, cross, inputs, ridge * trace / inputs, known, cancellationToken);
    }
}
