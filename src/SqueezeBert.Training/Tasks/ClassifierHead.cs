using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// Classifiers of texts, of tokens and of choices call their tensors alike, so that only the class names of a configuration tell whose a
/// file holds: the first, or one behind it where the classifier went along with another head's training.
/// </summary>
internal static class ClassifierHead
{
    private static readonly ModelHead[] Heads =
        [ModelHead.SequenceClassification, ModelHead.TokenClassification, ModelHead.MultipleChoice];

    /// <summary>Whether a head is called "classifier".</summary>
    public static bool Is(ModelHead head) => Heads.Contains(head);

    /// <summary>The head; one of texts where no class is named; null where those named are others.</summary>
    public static ModelHead? Of(ModelConfiguration configuration)
    {
        if (configuration.Architectures.Count == 0) return ModelHead.SequenceClassification;
        foreach (var name in configuration.Architectures)
        {
            foreach (var head in Heads)
            {
                if (name.EndsWith(ModelHeads.Find(head).ClassSuffix, StringComparison.Ordinal)) return head;
            }
        }

        return null;
    }
}
