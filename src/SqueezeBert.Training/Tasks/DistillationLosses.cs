namespace SqueezeBert.Training;

/// <summary>
/// What a student is taught by its teacher, and how much each counts: the loss is the weighted sum. A weight of 0 leaves one out.
/// </summary>
public sealed record DistillationLosses
{
    /// <summary>Weight of 1 - cos of the angle between the vectors of a text: the means of the last hidden states of its tokens.</summary>
    public double Cosine { get; init; } = 2;

    /// <summary>Weight of the squared error of the last hidden states, in shares of the variance of the teacher's.</summary>
    public double HiddenStates { get; init; } = 1;

    /// <summary>Weight of the same of layers between, the mean over <see cref="LayerPairs"/>.</summary>
    public double Layers { get; init; } = 0.5;

    /// <summary>
    /// Weight of the squared error of attention scores before the softmax, a mean over heads and over <see cref="LayerPairs"/>, or over all
    /// of the student's layers; 0: not compared. Both must have equally many heads.
    /// </summary>
    public double Attentions { get; init; }

    /// <summary>
    /// Layers of the student and of the teacher that are compared, counted from 1; null spreads those of the student before its last evenly
    /// over those of the teacher.
    /// </summary>
    public IReadOnlyList<(int Student, int Teacher)>? LayerPairs { get; init; }

    /// <summary>Share of the stage after which <see cref="Layers"/> is left out.</summary>
    public double LayersUntil { get; init; } = 0.5;

    /// <summary>
    /// Weight of the Kullback-Leibler divergence of a text's likeness to the others of its batch: the softmax of the cosines over
    /// <see cref="Temperature"/>.
    /// </summary>
    public double Similarities { get; init; } = 1;

    /// <summary>What the cosines are divided by.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>Texts that are compared with each other at most.</summary>
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
