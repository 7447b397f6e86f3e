namespace SqueezeBert.Training;

/// <summary>How a classifier learns from other classifiers with the same labels, in addition to the labels or instead of them.</summary>
public sealed record SoftLabels
{
    /// <summary>The share of the teachers in the loss, 0 to 1 (default 0.5). The rest is the cross-entropy with the labels.</summary>
    public double Weight { get; init; } = 0.5;

    /// <summary>
    /// The temperature that logits are divided by before the probabilities of student and teachers are compared, 0.01 to 100 (default 2).
    /// The loss is multiplied by its square.
    /// </summary>
    public double Temperature { get; init; } = 2;

    /// <summary>Whether the logits are compared by their mean squared difference, instead of the probabilities (default false).</summary>
    public bool MatchLogits { get; init; }

    /// <summary>
    /// The weight of the squared error of hidden states, relative to the variance of the first teacher's (default 0). Student and teacher
    /// must have the same hidden size.
    /// </summary>
    public double HiddenStates { get; init; }

    /// <summary>
    /// The weight of the squared error of attention scores before the softmax, compared with the first teacher's (default 0). It is a mean
    /// over heads. Student and teacher must have the same number of heads.
    /// </summary>
    public double Attentions { get; init; }

    /// <summary>
    /// The pairs of student and teacher layers that are compared, counted from 1. Null distributes the student's layers evenly over the
    /// teacher's layers.
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
