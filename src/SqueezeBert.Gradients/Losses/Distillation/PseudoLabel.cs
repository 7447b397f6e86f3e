namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>The label of a row without one: the class with the largest logit of its teacher.</summary>
internal static unsafe class PseudoLabel
{
    /// <summary>The value that replaces the label of a row without one.</summary>
    public const int None = -1;

    /// <param name="label">The row's label, or <see cref="None"/>.</param>
    /// <param name="teacher">The teacher's logits of the row.</param>
    /// <param name="classes">The number of classes.</param>
    /// <returns>The label, or the teacher's class. Of equal logits, the first one counts.</returns>
    public static int Of(int label, float* teacher, int classes)
    {
        if (label != None) return label;
        var best = 0;
        for (var i = 1; i < classes; i++) best = teacher[i] > teacher[best] ? i : best;
        return best;
    }
}
