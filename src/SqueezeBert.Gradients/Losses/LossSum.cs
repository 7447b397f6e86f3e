namespace SqueezeBert.Gradients.Losses;

/// <summary>Losses of some rows, summed before the division by <see cref="Weight"/>.</summary>
/// <param name="Sum">Σ weight · loss.</param>
/// <param name="Weight">Σ weight, what a mean divides by.</param>
/// <param name="Correct">Rows whose largest logit is the label's (class losses only).</param>
/// <param name="Rows">Rows that took part.</param>
internal readonly record struct LossSum(double Sum, double Weight, long Correct, long Rows)
{
    public double Mean => Weight == 0 ? 0 : Sum / Weight;

    public static LossSum operator +(LossSum a, LossSum b) =>
        new(a.Sum + b.Sum, a.Weight + b.Weight, a.Correct + b.Correct, a.Rows + b.Rows);
}
