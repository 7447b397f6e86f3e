using SqueezeBert.Gradients.Losses;

namespace SqueezeBert.Gradients.Objectives;

/// <summary>A loss on an output of a session.</summary>
/// <param name="output">The name of one that the session was made for.</param>
/// <param name="loss">Belongs to the term: an object keeps working memory, so each term has its own.</param>
/// <param name="weight">What its mean is multiplied by.</param>
/// <param name="teacher">What it is compared with besides labels, or null.</param>
/// <param name="readsTexts">Whether its labels are those of <see cref="LabelBatch.Texts"/>.</param>
internal sealed class LossTerm(string output, Loss loss, double weight = 1, ITargetRows? teacher = null, bool readsTexts = false)
{
    public string Output { get; } = output;

    public Loss Loss { get; } = loss;

    /// <summary>May change between steps; a term of weight 0 is not computed.</summary>
    public double Weight { get; set; } = weight;

    public ITargetRows? Teacher { get; } = teacher;

    /// <summary>The <see cref="LabelBatch.Part"/> of the batches that it is computed on; its output has no gradient on others.</summary>
    public int Part { get; set; }

    /// <summary>Whether it is computed on a batch with these labels.</summary>
    public bool Reads(LabelBatch? labels) => Part == (labels?.Part ?? 0);

    /// <summary>The labels of a batch that the loss is told.</summary>
    public LabelBatch? LabelsOf(LabelBatch? labels) => readsTexts ? labels?.Texts : labels;
}
