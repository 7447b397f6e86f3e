namespace SqueezeBert.Checkpoints;

/// <summary>What a named head answers.</summary>
public enum HeadTask
{
    /// <summary>Labels of a text, or a number: "text-classification".</summary>
    TextClassification,

    /// <summary>Labels of tokens: "token-classification".</summary>
    TokenClassification,

    /// <summary>Where an answer starts and ends: "question-answering".</summary>
    QuestionAnswering,

    /// <summary>Words behind masks: "masked-language".</summary>
    MaskedLanguage,
}
