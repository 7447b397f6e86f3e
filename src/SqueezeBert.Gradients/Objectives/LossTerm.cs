using SqueezeBert.Gradients.Losses;

namespace SqueezeBert.Gradients.Objectives;

/// <summary>A loss on an output of a session.</summary>
/// <param name="output">The name of an output that the session was created for.</param>
/// <param name="loss">The loss. It belongs to the term, because it keeps working memory.</param>
/// <param name="weight">The factor of its mean.</param>
/// <param name="teacher">The rows that it is compared with in addition to labels, or null.</param>
/// <param name="readsTexts">Whether its labels are those of <see cref="LabelBatch.Texts"/>.</param>
internal sealed class LossTerm(string output, Loss loss, double weight = 1, ITargetRows? teacher = null, bool readsTexts = false)
{
    public string Output { get; } = output;

    public Loss Loss { get; } = loss;

    /// <summary>The weight, which may change between steps. A term of weight 0 is not computed.</summary>
    public double Weight { get; set; } = weight;

    public ITargetRows? Teacher { get; } = teacher;

    /// <summary>
    /// The <see cref="LabelBatch.Part"/> of the batches that it is computed on. Its output has no gradient on other batches.
    /// </summary>
    public int Part { get; set; }

    /// <summary>Whether it is computed on a batch with these labels.</summary>
    public bool Reads(LabelBatch? labels) => Part == (labels?.Part ?? 0);

    /// <summary>Returns the labels of a batch that the loss uses.</summary>
    public LabelBatch? LabelsOf(LabelBatch? labels) => readsTexts ? labels?.Texts : labels;
}
