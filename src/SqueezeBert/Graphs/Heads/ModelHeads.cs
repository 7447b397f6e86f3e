using SqueezeBert.Checkpoints;

namespace SqueezeBert.Graphs.Heads;

/// <summary>How the heads are called: in a configuration's "architectures", and in messages.</summary>
internal static class ModelHeads
{
    private static readonly (ModelHead Head, string ClassSuffix, string Name)[] All =
    [
        (ModelHead.None, "Model", "encoder"),
        (ModelHead.SequenceClassification, "ForSequenceClassification", "sequence classification"),
        (ModelHead.TokenClassification, "ForTokenClassification", "token classification"),
        (ModelHead.QuestionAnswering, "ForQuestionAnswering", "question answering"),
        (ModelHead.MultipleChoice, "ForMultipleChoice", "multiple choice"),
        (ModelHead.MaskedLanguageModel, "ForMaskedLM", "masked language modelling"),
        (ModelHead.NextSentencePrediction, "ForNextSentencePrediction", "next sentence prediction"),
        (ModelHead.Pretraining, "ForPreTraining", "pretraining"),
    ];

    /// <summary>The head that the first of the configuration's class names stands for; none where there is no name.</summary>
    /// <exception cref="NotSupportedException">A class with another head; the message names it and those that are supported.</exception>
    public static ModelHead Of(ModelConfiguration configuration)
    {
        if (configuration.Architectures.Count == 0) return ModelHead.None;
        var name = configuration.Architectures[0];
        foreach (var (head, suffix, _) in All)
        {
            // A decoder's class, "BertLMHeadModel", ends as an encoder's does.
            if (name.EndsWith(suffix, StringComparison.Ordinal) && !name.EndsWith("HeadModel", StringComparison.Ordinal)) return head;
        }

        throw new NotSupportedException(
            $"architecture '{name}' has a head that is not supported; supported are " +
                $"{string.Join(", ", All.Select(known => known.ClassSuffix))}");
    }

    /// <summary>The class name of transformers for an architecture with a head: "SqueezeBertForMaskedLM".</summary>
    public static string ClassName(ModelConfiguration configuration, ModelHead head) =>
        configuration.Layout.ArchitectureName + Find(head).ClassSuffix;

    /// <summary>"token classification".</summary>
    public static string NameOf(ModelHead head) => Find(head).Name;

    private static (ModelHead Head, string ClassSuffix, string Name) Find(ModelHead head) => All.First(known => known.Head == head);
}
