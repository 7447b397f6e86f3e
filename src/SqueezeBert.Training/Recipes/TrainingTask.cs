namespace SqueezeBert.Training;

/// <summary>What a stage learns.</summary>
public enum TrainingTask
{
    /// <summary>Words behind masks, from plain text (BERT's first task).</summary>
    MaskedLanguage,

    /// <summary>One label a text.</summary>
    SingleLabel,

    /// <summary>Any number of labels a text, separated by commas, semicolons or white space in the column, or a JSON array.</summary>
    MultiLabel,

    /// <summary>A number a text.</summary>
    Regression,
}
