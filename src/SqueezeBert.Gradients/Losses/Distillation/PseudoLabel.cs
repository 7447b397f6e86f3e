namespace SqueezeBert.Gradients.Losses.Distillation;

/// <summary>The label of a row that has none: the class that its teacher gives the largest logit.</summary>
internal static unsafe class PseudoLabel
{
    /// <summary>What a row without a label has in its place.</summary>
    public const int None = -1;

    /// <param name="label">The row's label, or <see cref="None"/>.</param>
    /// <param name="teacher">The teacher's logits of the row.</param>
    /// <param name="classes">As many as there are.</param>
    /// <returns>The label, else the teacher's; of equal logits the first.</returns>
    public static int Of(int label, float* teacher, int classes)
    {
        if (label != None) return label;
        var best = 0;
        for (var i = 1; i < classes; i++) best = teacher[i] > teacher[best] ? i : best;
        return best;
    }
}
