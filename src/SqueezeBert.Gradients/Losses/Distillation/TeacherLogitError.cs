using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>
/// α times the mean of (teacher - x)² over classes + (1 - α) times the cross-entropy with the label, as a mean over rows. The logits
/// themselves are matched (Ba and Caruana, arXiv 1312.6184). A row without a label uses the class of its teacher.
/// </summary>
/// <param name="alpha">The teacher's share, 0 to 1.</param>
internal sealed unsafe class TeacherLogitError(double alpha) : RowLoss
{
    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => rows;

    /// <inheritdoc/>
    protected override int ScratchWidth(int width) => width;

    /// <inheritdoc/>
    protected override void Begin(WorkerPool pool)
    {
        Target.TeacherLike(Rows);
        var labels = Target.Labels.Classes.Length;
        if (labels != Rows.Count) throw new InvalidOperationException($"{Rows.Count} rows of logits but {labels} labels");
    }

    /// <inheritdoc/>
    protected override RowResult Row(int row, float* scratch)
    {
        var (classes, given) = (Rows.Width, Target.Labels.Classes[row]);
        float* x = Rows.Row(row), teacher = Target.Teacher.Row(row);
        var label = PseudoLabel.Of(given, teacher, classes);
        float logSum;
        Softmax.LogSumExp(new(x, 1, classes), &logSum);
        double squares = 0;
        for (var i = 0; i < classes; i++) squares += ((double)x[i] - teacher[i]) * ((double)x[i] - teacher[i]);
        var loss = (alpha * squares / classes) + ((1 - alpha) * ((double)logSum - x[label]));
        var result = new RowResult(loss, 1, given >= 0 && LargestLogit.Is(x, classes, given));
        if (Rows.Gradient is null) return result;
        new ReadOnlySpan<float>(x, classes).CopyTo(new Span<float>(scratch, classes));
        Softmax.Forward(new(scratch, 1, classes));
        for (var i = 0; i < classes; i++)
        {
            var match = 2 * alpha * ((double)x[i] - teacher[i]) / classes;
            var exact = (1 - alpha) * ((double)scratch[i] - (i == label ? 1 : 0));
            ElementGradient.Put(Rows, ((long)row * classes) + i, (match + exact) / Rows.Normaliser);
        }

        return result;
    }
}
