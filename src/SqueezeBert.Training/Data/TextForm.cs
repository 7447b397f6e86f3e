namespace SqueezeBert.Training;

/// <summary>In which pieces the texts of a file are read.</summary>
public enum TextForm
{
    /// <summary>A sentence each.</summary>
    Sentences,

    /// <summary>3 to 12 words of a sentence, one span after the other.</summary>
    Spans,

    /// <summary>Two or three sentences that follow each other.</summary>
    Passages,

    /// <summary>The whole line or field, as far as the longest example goes; the rest is a piece of its own.</summary>
    Paragraphs,
}
