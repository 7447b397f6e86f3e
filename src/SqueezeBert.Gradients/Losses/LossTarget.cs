using SqueezeBert.Gradients.Memory;

namespace SqueezeBert.Gradients.Losses;

/// <summary>What a loss compares the rows of an output with: labels, rows of a teacher, or both.</summary>
internal readonly unsafe struct LossTarget(LabelBatch? labels, NativeRows teacher = default)
{
    /// <summary>Whether there are labels.</summary>
    public bool HasLabels => labels is not null;

    /// <exception cref="InvalidOperationException">There are none.</exception>
    public LabelBatch Labels => labels ?? throw new InvalidOperationException("the loss needs labels, and the batch has none");

    /// <exception cref="InvalidOperationException">There is no teacher, or it has not run.</exception>
    public NativeRows Teacher => teacher.Width > 0
        ? teacher
        : throw new InvalidOperationException("the loss needs the rows of a teacher, and it was given none");

    /// <summary>A value for each element of the output, from the teacher where there is one.</summary>
    public ReadOnlySpan<float> Values => teacher.Width > 0 ? teacher.Span : Labels.Values;

    /// <summary>The teacher's rows, which must be as many and as wide as those of the output.</summary>
    /// <exception cref="InvalidOperationException">They are not.</exception>
    public NativeRows TeacherLike(in LossRows rows) => Teacher.Count == rows.Count && Teacher.Width == rows.Width
        ? Teacher
        : throw new InvalidOperationException(
            $"the output is [{rows.Count}, {rows.Width}], the teacher's [{Teacher.Count}, {Teacher.Width}]");
}
