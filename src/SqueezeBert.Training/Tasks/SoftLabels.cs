namespace SqueezeBert.Training;

/// <summary>How a classifier learns from other classifiers of the same labels, beside or instead of labels.</summary>
public sealed record SoftLabels
{
    /// <summary>The teachers' share of the loss, 0 to 1; the rest is the cross-entropy with the label.</summary>
    public double Weight { get; init; } = 0.5;

    /// <summary>
    /// What logits are divided by before the softmaxes of student and teachers are compared; the loss is multiplied by its square.
    /// </summary>
    public double Temperature { get; init; } = 2;

    /// <summary>Whether the logits themselves are compared, by the mean of squared differences, and not their softmaxes.</summary>
    public bool MatchLogits { get; init; }

    /// <summary>
    /// Weight of the squared error of hidden states, in shares of the variance of the (first) teacher's; 0: not compared. Both must be
    /// equally wide.
    /// </summary>
    public double HiddenStates { get; init; }

    /// <summary>
    /// Weight of the squared error of attention scores before the softmax, a mean over heads, against the (first) teacher's; 0: not
    /// compared. Both must have equally many heads.
    /// </summary>
    public double Attentions { get; init; }

    /// <summary>
    /// Layers of the student and of the teacher that are compared, counted from 1; null spreads the student's evenly over the teacher's.
    /// </summary>
    public IReadOnlyList<(int Student, int Teacher)>? LayerPairs { get; init; }

    /// <summary>The pairs of layers for models of so many layers; none where layers are not compared.</summary>
    internal IReadOnlyList<(int Student, int Teacher)> PairsFor(int studentLayers, int teacherLayers)
    {
        if (HiddenStates == 0 && Attentions == 0) return [];
        return LayerPairs ?? [.. Enumerable.Range(1, studentLayers).Select(layer => (layer, Evenly(layer)))];

        int Evenly(int layer) => Math.Clamp((int)Math.Round((double)layer * teacherLayers / studentLayers), 1, teacherLayers);
    }
}
