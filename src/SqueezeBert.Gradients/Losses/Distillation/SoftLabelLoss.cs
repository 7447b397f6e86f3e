using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>
/// α T² KL(softmax(teacher / T) ‖ softmax(x / T)) + (1 - α) times the cross-entropy with the label, as a mean over rows (Hinton, Vinyals
/// and Dean, arXiv 1503.02531). With α = 1, no labels are needed. A row with the label <see cref="PseudoLabel.None"/> uses the class of its
/// teacher.
/// </summary>
internal sealed unsafe class SoftLabelLoss : RowLoss
{
    private readonly double _alpha;
    private readonly double _temperature;

    /// <param name="alpha">The teacher's share, 0 to 1.</param>
    /// <param name="temperature">T, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of the two values is out of range.</exception>
    public SoftLabelLoss(double alpha, double temperature)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(alpha, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        _alpha = alpha;
        _temperature = temperature;
    }

    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => rows;

    /// <inheritdoc/>
    protected override int ScratchWidth(int width) => 3 * width;

    /// <inheritdoc/>
    protected override void Begin(WorkerPool pool)
    {
        Target.TeacherLike(Rows);
        if (_alpha == 1 && !Target.HasLabels) return;
        var labels = Target.Labels.Classes.Length;
        if (labels != Rows.Count) throw new InvalidOperationException($"{Rows.Count} rows of logits but {labels} labels");
    }

    /// <inheritdoc/>
    protected override RowResult Row(int row, float* scratch)
    {
        var x = Rows.Row(row);
        var classes = Rows.Width;
        var student = scratch;
        var teacher = student + classes;
        var teacherProbabilities = teacher + classes;
        Elementwise.Scale((float)(1 / _temperature), x, student, classes);
        Elementwise.Scale((float)(1 / _temperature), Target.Teacher.Row(row), teacher, classes);
        new ReadOnlySpan<float>(teacher, classes).CopyTo(new Span<float>(teacherProbabilities, classes));
        Softmax.Forward(new(teacherProbabilities, 1, classes));
        float studentLogSum, teacherLogSum, logSum;
        Softmax.LogSumExp(new(student, 1, classes), &studentLogSum);
        Softmax.LogSumExp(new(teacher, 1, classes), &teacherLogSum);
        Softmax.LogSumExp(new(x, 1, classes), &logSum);
        double divergence = 0;
        for (var i = 0; i < classes; i++)
        {
            // A class that the teacher rules out adds nothing, whatever its logarithm.
            if (teacherProbabilities[i] > 0)
                divergence += teacherProbabilities[i] * (((double)teacher[i] - teacherLogSum) - ((double)student[i] - studentLogSum));
        }

        var loss = _alpha * _temperature * _temperature * divergence;
        var given = Target.HasLabels ? Target.Labels.Classes[row] : PseudoLabel.None;
        var isCorrect = given >= 0 && LargestLogit.Is(x, classes, given);
        var label = PseudoLabel.Of(given, Target.Teacher.Row(row), classes);
        if (_alpha < 1) loss += (1 - _alpha) * ((double)logSum - x[label]);
        if (Rows.Gradient is not null) Gradient(row, label, student, teacherProbabilities, teacher);
        return new RowResult(loss, 1, isCorrect);
    }

    /// <param name="row">Of the output.</param>
    /// <param name="label">Its class, or its teacher's.</param>
    /// <param name="student">The logits over T; overwritten.</param>
    /// <param name="teacher">The teacher's probabilities.</param>
    /// <param name="hard">Working memory.</param>
    private void Gradient(int row, int label, float* student, float* teacher, float* hard)
    {
        var classes = Rows.Width;
        Softmax.Forward(new(student, 1, classes));
        new ReadOnlySpan<float>(Rows.Row(row), classes).CopyTo(new Span<float>(hard, classes));
        Softmax.Forward(new(hard, 1, classes));
        for (var i = 0; i < classes; i++)
        {
            var soft = _alpha * _temperature * ((double)student[i] - teacher[i]);
            var exact = _alpha < 1 ? (1 - _alpha) * ((double)hard[i] - (i == label ? 1 : 0)) : 0;
            ElementGradient.Put(Rows, ((long)row * classes) + i, (soft + exact) / Rows.Normaliser);
        }
    }
}
