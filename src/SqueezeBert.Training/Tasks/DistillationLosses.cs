namespace SqueezeBert.Training;

/// <summary>
/// The weights of the losses with which a student learns from its teacher. The loss is the weighted sum, and a weight of 0 leaves a loss
/// out.
/// </summary>
public sealed record DistillationLosses
{
    /// <summary>
    /// The weight of the cosine loss (default 2): 1 minus the cosine between the student's and the teacher's vector of a text. The vectors
    /// are the means of the last hidden states.
    /// </summary>
    public double Cosine { get; init; } = 2;

    /// <summary>The weight of the squared error of the last hidden states, relative to the variance of the teacher's (default 1).</summary>
    public double HiddenStates { get; init; } = 1;

    /// <summary>
    /// The weight of the squared error of intermediate hidden states (default 0.5). It is a mean over <see cref="LayerPairs"/>.
    /// </summary>
    public double Layers { get; init; } = 0.5;

    /// <summary>
    /// The weight of the squared error of attention scores before the softmax (default 0). It is a mean over heads and over
    /// <see cref="LayerPairs"/>, or over all layers of the student. Student and teacher must have the same number of heads.
    /// </summary>
    public double Attentions { get; init; }

    /// <summary>
    /// The pairs of student and teacher layers that are compared, counted from 1. Null distributes the student's layers before the last
    /// evenly over the teacher's layers.
    /// </summary>
    public IReadOnlyList<(int Student, int Teacher)>? LayerPairs { get; init; }

    /// <summary>The share of the stage after which <see cref="Layers"/> is left out, 0 to 1 (default 0.5).</summary>
    public double LayersUntil { get; init; } = 0.5;

    /// <summary>
    /// The weight of the similarity loss (default 1). It is the Kullback-Leibler divergence between the softmaxes of the cosines, divided
    /// by <see cref="Temperature"/>, of a text with the other texts of its batch.
    /// </summary>
    public double Similarities { get; init; } = 1;

    /// <summary>The temperature that the cosines are divided by, 0.001 to 100 (default 0.05).</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>The largest number of texts that are compared with each other, 3 to 4,096 (default 128).</summary>
    public int SimilarityTexts { get; init; } = 128;

    /// <summary>The pairs of layers for models of so many layers.</summary>
    internal IReadOnlyList<(int Student, int Teacher)> PairsFor(int studentLayers, int teacherLayers)
    {
        if (Layers == 0) return [];
        return LayerPairs ?? Evenly(studentLayers - 1, studentLayers, teacherLayers);
    }

    /// <summary>The pairs of layers whose attention scores are compared.</summary>
    internal IReadOnlyList<(int Student, int Teacher)> AttentionPairsFor(int studentLayers, int teacherLayers) =>
        Attentions == 0 ? [] : LayerPairs ?? Evenly(studentLayers, studentLayers, teacherLayers);

    private static List<(int Student, int Teacher)> Evenly(int count, int studentLayers, int teacherLayers) =>
        [.. Enumerable.Range(1, count).Select(layer =>
            (layer, Math.Clamp((int)Math.Round((double)layer * teacherLayers / studentLayers), 1, teacherLayers)))];
}
