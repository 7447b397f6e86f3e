namespace SqueezeBert.Gradients.Losses;

/// <summary>The sum of the losses of some rows, before it is divided by <see cref="Weight"/>.</summary>
/// <param name="Sum">Σ weight · loss.</param>
/// <param name="Weight">Σ weight, by which the sum is divided for the mean.</param>
/// <param name="Correct">The number of rows whose largest logit is that of the label (losses with classes only).</param>
/// <param name="Rows">The number of rows that count.</param>
internal readonly record struct LossSum(double Sum, double Weight, long Correct, long Rows)
{
    public double Mean => Weight == 0 ? 0 : Sum / Weight;

    public static LossSum operator +(LossSum a, LossSum b) =>
        new(a.Sum + b.Sum, a.Weight + b.Weight, a.Correct + b.Correct, a.Rows + b.Rows);
}
