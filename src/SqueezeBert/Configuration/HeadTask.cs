namespace SqueezeBert.Checkpoints;

/// <summary>The task of a named head.</summary>
public enum HeadTask
{
    /// <summary>Labels for a text, or a regression value: "text-classification".</summary>
    TextClassification,

    /// <summary>A label for each token: "token-classification".</summary>
    TokenClassification,

    /// <summary>The start and end of an answer in a document: "question-answering".</summary>
    QuestionAnswering,

    /// <summary>The words that are hidden by masks: "masked-language".</summary>
    MaskedLanguage,
}
