using SqueezeBert.Gradients.Memory;

namespace SqueezeBert.Gradients.Losses;

/// <summary>The target that the rows of an output are compared with: labels, rows of a teacher, or both.</summary>
internal readonly unsafe struct LossTarget(LabelBatch? labels, NativeRows teacher = default)
{
    /// <summary>Whether there are labels.</summary>
    public bool HasLabels => labels is not null;

    /// <exception cref="InvalidOperationException">There are no labels.</exception>
    public LabelBatch Labels => labels ?? throw new InvalidOperationException("the loss needs labels, and the batch has none");

    /// <exception cref="InvalidOperationException">There is no teacher, or it has not run.</exception>
    public NativeRows Teacher => teacher.Width > 0
        ? teacher
        : throw new InvalidOperationException("the loss needs the rows of a teacher, and it was given none");

    /// <summary>One value for each element of the output, from the teacher if there is one.</summary>
    public ReadOnlySpan<float> Values => teacher.Width > 0 ? teacher.Span : Labels.Values;

    /// <summary>Returns the teacher's rows, whose number and width must be those of the output.</summary>
    /// <exception cref="InvalidOperationException">The number or the width differs.</exception>
    public NativeRows TeacherLike(in LossRows rows) => Teacher.Count == rows.Count && Teacher.Width == rows.Width
        ? Teacher
        : throw new InvalidOperationException(
            $"the output is [{rows.Count}, {rows.Width}], the teacher's [{Teacher.Count}, {Teacher.Width}]");
}
