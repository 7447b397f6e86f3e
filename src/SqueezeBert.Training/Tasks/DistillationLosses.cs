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
        if (LayerPairs is not null) return LayerPairs;
        return [.. Enumerable.Range(1, studentLayers - 1).Select(layer => (layer, Evenly(layer)))];

        int Evenly(int layer) => Math.Clamp((int)Math.Round((double)layer * teacherLayers / studentLayers), 1, teacherLayers);
    }
}
