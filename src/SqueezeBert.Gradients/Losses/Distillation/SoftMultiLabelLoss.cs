using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>
/// α T² KL(σ(teacher / T) ‖ σ(x / T)) + (1 - α) times the binary cross-entropy with the label, as a mean over rows and outputs (Hinton,
/// Vinyals and Dean, arXiv 1503.02531, with two classes for each output). If logits are matched, the first term is α (teacher - x)². An
/// output with the label NaN uses that of its teacher, which is true if the logit is above zero.
/// </summary>
internal sealed unsafe class SoftMultiLabelLoss : RowLoss
{
    private readonly double _alpha;
    private readonly double _temperature;
    private readonly bool _matchLogits;

    /// <param name="alpha">The teacher's share, 0 to 1.</param>
    /// <param name="temperature">T, above 0.</param>
    /// <param name="matchLogits">Whether logits are compared, and not probabilities.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public SoftMultiLabelLoss(double alpha, double temperature, bool matchLogits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(alpha, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        (_alpha, _temperature, _matchLogits) = (alpha, temperature, matchLogits);
    }

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => (double)rows * width;

    /// <inheritdoc/>
    protected override int ScratchWidth(int width) => 0;

    /// <inheritdoc/>
    protected override void Begin(WorkerPool pool)
    {
        Target.TeacherLike(Rows);
        var values = Target.Labels.Values.Length;
        if (values != Rows.Count * Rows.Width)
            throw new InvalidOperationException($"{Rows.Count} rows of {Rows.Width} logits but {values} label values");
    }

    /// <inheritdoc/>
    protected override RowResult Row(int row, float* scratch)
    {
        var width = Rows.Width;
        var labels = Target.Labels.Values.Slice(row * width, width);
        float* x = Rows.Row(row), teacher = Target.Teacher.Row(row);
        var (sum, isRight) = (0.0, true);
        for (var i = 0; i < width; i++)
        {
            double ours = x[i], theirs = teacher[i];
            var label = float.IsNaN(labels[i]) ? theirs > 0 ? 1 : 0 : labels[i];
            var (soft, softSlope) = _matchLogits ? ((theirs - ours) * (theirs - ours), 2 * (ours - theirs)) : Divergence(theirs, ours);
            var hard = Math.Max(ours, 0) - (ours * label) + Math.Log(1 + Math.Exp(-Math.Abs(ours)));
            sum += (_alpha * soft) + ((1 - _alpha) * hard);

            // A label that is not known cannot be met.
            isRight &= !float.IsNaN(labels[i]) && ours > 0 == labels[i] > 0.5;
            if (Rows.Gradient is null) continue;
            var slope = (_alpha * softSlope) + ((1 - _alpha) * (Probability(ours) - label));
            ElementGradient.Put(Rows, ((long)row * width) + i, slope / Rows.Normaliser);
        }

        // Each output counts as one; the result is a mean over the row, which its weight undoes.
        return new RowResult(sum / width, width, isRight);
    }

    /// <summary>T² KL(σ(teacher / T) ‖ σ(student / T)), and its derivative by the student's logit.</summary>
    private (double Loss, double Slope) Divergence(double teacher, double student)
    {
        var (t, s) = (teacher / _temperature, student / _temperature);
        var p = Probability(t);
        var divergence = (p * (LogProbability(t) - LogProbability(s))) + ((1 - p) * (LogProbability(-t) - LogProbability(-s)));
        return (_temperature * _temperature * divergence, _temperature * (Probability(s) - p));
    }

    private static double Probability(double logit) => 1 / (1 + Math.Exp(-logit));

    private static double LogProbability(double logit) => Math.Min(logit, 0) - Math.Log(1 + Math.Exp(-Math.Abs(logit)));
}
